import type { Job } from '../inside/job.ts';
import type { PdfWord } from '../pdf/page-contents.ts';
import { PdfDocument } from '../pdf/pdf-document.ts';

export interface PdfPageText {
  page: number;
  /** In points, as displayed. */
  width: number;
  height: number;
  words: PdfWord[];
  /** Characters of the text layer for which the font gives no Unicode value. */
  unmapped: number;
  /** Whether the page paints anything. */
  painted: boolean;
}

/** Reads the text layer of every page that can be opened. */
const readPdf: Job<null, PdfPageText[]> = ({ bytes }) => {
  const document = PdfDocument.open(bytes);
  const pages: PdfPageText[] = [];
  for (let number = 1; number <= document.pages; number++) {
    const page = document.page(number);
    if (!page) continue;
    const { words, unmapped } = page.visibleWords();
    const { width, height, paints } = page;
    pages.push({ page: number, width, height, words, unmapped, painted: paints });
    page.close();
  }
  return { value: pages };
};
export default readPdf;
