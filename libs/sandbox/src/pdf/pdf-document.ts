import { JobError } from '../job-error.ts';
import { PdfPage } from './pdf-page.ts';
import { allocate, memory, pdfium, release } from './pdfium.ts';

// fpdfview.h: FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY.
const encrypted = new Set([4, 5]);

/** A PDF in PDFium's memory. Used in sandboxed processes only. */
export class PdfDocument {
  private readonly handle: number;
  private readonly data: number;

  private constructor(handle: number, data: number) {
    this.handle = handle;
    this.data = data;
  }

  /** @throws JobError DOCUMENT_ENCRYPTED, DOCUMENT_UNREADABLE */
  static open(bytes: Uint8Array): PdfDocument {
    const data = allocate(bytes.length);
    memory().set(bytes, data);
    const handle = pdfium.FPDF_LoadMemDocument(data, bytes.length, 0);
    if (handle) return new PdfDocument(handle, data);
    const reason = pdfium.FPDF_GetLastError();
    release(data);
    throw encrypted.has(reason)
      ? new JobError('DOCUMENT_ENCRYPTED', 'the PDF asks for a password')
      : new JobError('DOCUMENT_UNREADABLE', 'the PDF is damaged');
  }

  get pages(): number {
    return pdfium.FPDF_GetPageCount(this.handle);
  }

  /** The page (first = 1), or null where it cannot be opened or has no extent. The caller closes it. */
  page(number: number): PdfPage | null {
    const handle = pdfium.FPDF_LoadPage(this.handle, number - 1);
    if (!handle) return null;
    const page = new PdfPage(handle, number);
    if (hasExtent(page.width) && hasExtent(page.height)) return page;
    page.close();
    return null;
  }

  /** A text of the document's information dictionary (ISO 32000-2, 14.3.3), or empty. */
  meta(tag: 'Producer' | 'Creator' | 'CreationDate' | 'ModDate'): string {
    const name = allocate(tag.length + 1);
    memory().set([...Buffer.from(tag, 'latin1'), 0], name);
    const length = pdfium.FPDF_GetMetaText(this.handle, name, 0, 0);
    const buffer = allocate(Math.max(length, 2));
    pdfium.FPDF_GetMetaText(this.handle, name, buffer, length);
    const text = Buffer.from(memory().subarray(buffer, buffer + Math.max(0, length - 2)));
    release(buffer);
    release(name);
    return text.toString('utf16le');
  }

  close(): void {
    pdfium.FPDF_CloseDocument(this.handle);
    release(this.data);
  }
}

const hasExtent = (points: number): boolean => points > 0 && Number.isFinite(points);
