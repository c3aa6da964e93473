import type { PixelRaster } from '../image/pixel-raster.ts';
import { type Overlay, overlays } from './overlays.ts';
import type { PageBox, PdfObject, PdfWord } from './page-contents.ts';
import { allocate, memory, pdfium, release } from './pdfium.ts';

// fpdfview.h: FPDFBitmap_BGR; FPDF_ANNOT and FPDF_REVERSE_BYTE_ORDER, which makes it RGB.
const bgr = 2;
const renderFlags = 0x01 | 0x10;

const isSpace = (code: number) => code <= 32 || code === 0xa0 || code === 0xfffe || code === 0xad;
const kinds = ['other', 'text', 'path', 'image', 'other', 'other'] as const;
// PDFium returns coordinates as whole device units: this many across a page separate hairlines.
const device = 1_000_000;

/** One page of a PDF. Used in sandboxed processes only. */
export class PdfPage {
  readonly number: number;
  private readonly handle: number;
  private readonly scratch = allocate(1024);

  constructor(handle: number, number: number) {
    this.handle = handle;
    this.number = number;
  }

  /** In points, as displayed. */
  get width(): number {
    return pdfium.FPDF_GetPageWidthF(this.handle);
  }

  get height(): number {
    return pdfium.FPDF_GetPageHeightF(this.handle);
  }

  /** Whether the page paints anything. */
  get paints(): boolean {
    return pdfium.FPDFPage_CountObjects(this.handle) > 0;
  }

  /** The words of the text layer, and how many of its characters have no Unicode value. */
  words(): { words: PdfWord[]; unmapped: number } {
    const text = pdfium.FPDFText_LoadPage(this.handle);
    const count = text ? pdfium.FPDFText_CountChars(text) : 0;
    const words: PdfWord[] = [];
    let unmapped = 0;
    let word: PdfWord | null = null;
    for (let i = 0; i < count; i++) {
      const code = pdfium.FPDFText_GetUnicode(text, i);
      if (isSpace(code)) {
        word = null;
        continue;
      }
      const box = this.characterBox(text, i);
      if (!box) continue;
      if (code > 0x10ffff || pdfium.FPDFText_HasUnicodeMapError(text, i) === 1) unmapped++;
      if (!word || beginsWord(word.box, box)) {
        word = { text: '', box, font: this.fontAt(text, i) };
        words.push(word);
      }
      word.text += code <= 0x10ffff ? String.fromCodePoint(code) : '\u{fffd}';
      word.box = union(word.box, box);
    }
    if (text) pdfium.FPDFText_ClosePage(text);
    return { words, unmapped };
  }

  /** All painted objects, in the order of painting. */
  objects(): PdfObject[] {
    const text = pdfium.FPDFText_LoadPage(this.handle);
    const count = pdfium.FPDFPage_CountObjects(this.handle);
    const objects: PdfObject[] = [];
    for (let i = 0; i < count; i++) {
      const object = pdfium.FPDFPage_GetObject(this.handle, i);
      const box = this.objectBox(object);
      if (!box) continue;
      const kind = kinds[pdfium.FPDFPageObj_GetType(object)] ?? 'other';
      objects.push({
        kind,
        box,
        text: kind === 'text' ? this.objectText(object, text) : '',
        font: kind === 'text' ? this.objectFont(object) : '',
        fill: kind === 'path' ? this.fill(object) : null,
        invisible: kind === 'text' && pdfium.FPDFTextObj_GetTextRenderMode(object) === 3,
      });
    }
    if (text) pdfium.FPDFText_ClosePage(text);
    return objects;
  }

  /** Shapes and images that are painted over text. */
  overlays(): Overlay[] {
    return overlays(this.objects());
  }

  /** The words of the text layer without those that are painted over. */
  visibleWords(): ReturnType<PdfPage['words']> {
    const { words, unmapped } = this.words();
    const covered = this.overlays();
    const isHidden = (word: PdfWord) =>
      covered.some(
        ({ hidden, hiddenFont, hiddenBoxes }) =>
          hiddenFont === word.font.name &&
          hidden.includes(word.text) &&
          hiddenBoxes.some((box) => isInside(box, word.box)),
      );
    return {
      words: covered.length > 0 ? words.filter((word) => !isHidden(word)) : words,
      unmapped,
    };
  }

  /**
   * The embedded JPEG that covers the page (a scan), or null.
   * @param minimumArea fraction of the page that it covers at least
   */
  coveringJpeg(minimumArea = 0.5): { box: PageBox; bytes: Buffer } | null {
    const count = pdfium.FPDFPage_CountObjects(this.handle);
    for (let i = 0; i < count; i++) {
      const object = pdfium.FPDFPage_GetObject(this.handle, i);
      if (kinds[pdfium.FPDFPageObj_GetType(object)] !== 'image') continue;
      const box = this.objectBox(object);
      const area = box ? (box[2] - box[0]) * (box[3] - box[1]) : 0;
      if (box && area >= minimumArea && this.isJpeg(object))
        return { box, bytes: imageBytes(object) };
    }
    return null;
  }

  /** The page as pixels on white. */
  raster(width: number, height: number, channels: 1 | 3): PixelRaster {
    const bitmap = pdfium.FPDFBitmap_CreateEx(width, height, bgr, 0, 0);
    if (!bitmap) throw new Error(`no bitmap of ${width} x ${height}`);
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
    pdfium.FPDF_RenderPageBitmap(bitmap, this.handle, 0, 0, width, height, 0, renderFlags);
    const stride = pdfium.FPDFBitmap_GetStride(bitmap);
    const start = pdfium.FPDFBitmap_GetBuffer(bitmap);
    const pixels = new Uint8Array(width * height * channels);
    for (let y = 0; y < height; y++) {
      const from = start + y * stride;
      const row = memory().subarray(from, from + width * 3);
      // PDFium omits colour images from grey bitmaps: the page is rendered in colour and converted.
      pixels.set(channels === 3 ? row : grey(row), y * width * channels);
    }
    pdfium.FPDFBitmap_Destroy(bitmap);
    return { pixels, width, height, channels };
  }

  close(): void {
    release(this.scratch);
    pdfium.FPDF_ClosePage(this.handle);
  }

  private isJpeg(object: number): boolean {
    if (pdfium.FPDFImageObj_GetImageFilterCount(object) !== 1) return false;
    const length = pdfium.FPDFImageObj_GetImageFilter(object, 0, this.scratch, 64);
    return this.utf8(length) === 'DCTDecode';
  }

  private characterBox(text: number, index: number): PageBox | null {
    if (!pdfium.FPDFText_GetLooseCharBox(text, index, this.scratch)) return null;
    const [left, top, right, bottom] = this.floats(4);
    return this.displayed(left!, top!, right!, bottom!);
  }

  private objectBox(object: number): PageBox | null {
    const at = this.scratch;
    if (!pdfium.FPDFPageObj_GetBounds(object, at, at + 4, at + 8, at + 12)) return null;
    const [left, bottom, right, top] = this.floats(4);
    return this.displayed(left!, top!, right!, bottom!);
  }

  private objectText(object: number, text: number): string {
    return this.utf16((buffer, length) => pdfium.FPDFTextObj_GetText(object, text, buffer, length));
  }

  private objectFont(object: number): string {
    const font = pdfium.FPDFTextObj_GetFont(object);
    const length = font ? pdfium.FPDFFont_GetBaseFontName(font, this.scratch, 512) : 0;
    return this.utf8(length);
  }

  private fontAt(text: number, index: number): PdfWord['font'] {
    const length = pdfium.FPDFText_GetFontInfo(text, index, this.scratch, 512, 0);
    const name = this.utf8(length);
    return { name, size: Math.round(pdfium.FPDFText_GetFontSize(text, index) * 10) / 10 };
  }

  private fill(object: number): PdfObject['fill'] {
    const at = this.scratch;
    if (!pdfium.FPDFPath_GetDrawMode(object, at, at + 4)) return null;
    if (new Int32Array(memory().buffer, at, 1)[0] === 0) return null;
    if (!pdfium.FPDFPageObj_GetFillColor(object, at, at + 4, at + 8, at + 12)) return null;
    const [red, green, blue, alpha] = new Uint32Array(memory().buffer, at, 4);
    return [red!, green!, blue!, alpha!];
  }

  /** From coordinates of the page to fractions of the displayed page, which is cropped and rotated. */
  private displayed(left: number, top: number, right: number, bottom: number): PageBox {
    const [x1, y1] = this.toDevice(left, top);
    const [x2, y2] = this.toDevice(right, bottom);
    return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  }

  private toDevice(x: number, y: number): [number, number] {
    const at = this.scratch + 64;
    pdfium.FPDF_PageToDevice(this.handle, 0, 0, device, device, 0, x, y, at, at + 4);
    const [deviceX, deviceY] = new Int32Array(memory().buffer, at, 2);
    return [deviceX! / device, deviceY! / device];
  }

  private floats(count: number): Float32Array {
    return new Float32Array(memory().buffer, this.scratch, count);
  }

  private utf8(length: number): string {
    const end = this.scratch + Math.min(Math.max(length - 1, 0), 511);
    return Buffer.from(memory().subarray(this.scratch, end)).toString('utf8');
  }

  private utf16(read: (buffer: number, length: number) => number): string {
    const length = read(0, 0);
    if (length <= 2) return '';
    const buffer = allocate(length);
    read(buffer, length);
    const end = buffer + length - 2;
    const value = Buffer.from(memory().subarray(buffer, end)).toString('utf16le');
    release(buffer);
    return value;
  }
}

function imageBytes(object: number): Buffer {
  const length = pdfium.FPDFImageObj_GetImageDataRaw(object, 0, 0);
  const buffer = allocate(Math.max(1, length));
  pdfium.FPDFImageObj_GetImageDataRaw(object, buffer, length);
  const bytes = Buffer.from(memory().subarray(buffer, buffer + length));
  release(buffer);
  return bytes;
}

const union = (a: PageBox, b: PageBox): PageBox => [
  Math.min(a[0], b[0]),
  Math.min(a[1], b[1]),
  Math.max(a[2], b[2]),
  Math.max(a[3], b[3]),
];

/** Whether the middle of the word is in the box. */
function isInside(box: PageBox, word: PageBox): boolean {
  const [x, y] = [(word[0] + word[2]) / 2, (word[1] + word[3]) / 2];
  return x > box[0] && x < box[2] && y > box[1] - 0.005 && y < box[3] + 0.005;
}

/** Whether a character begins another word: it is on another line, or the gap is wider than the line is high. */
function beginsWord(word: PageBox, character: PageBox): boolean {
  const height = Math.max(word[3] - word[1], character[3] - character[1]);
  const sameLine = Math.min(word[3], character[3]) - Math.max(word[1], character[1]) > height * 0.3;
  return !sameLine || character[0] - word[2] > height;
}

/** ITU-R BT.601 luma of RGB pixels. */
function grey(rgb: Uint8Array): Uint8Array {
  const out = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < out.length; i++) {
    out[i] = (rgb[i * 3]! * 299 + rgb[i * 3 + 1]! * 587 + rgb[i * 3 + 2]! * 114 + 500) / 1000;
  }
  return out;
}
