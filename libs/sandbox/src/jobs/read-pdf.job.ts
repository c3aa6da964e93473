import { PdfDocument } from '../pdf/pdf-document.ts';
import type { PdfWord } from '../pdf/pdf-page.ts';
import type { Job } from '../process/job.ts';

export interface PdfPageText {
  page: number;
  /** In points, as displayed. */
  width: number;
  height: number;
  words: PdfWord[];
  /** Characters of the text layer whose meaning the font does not tell. */
  unmapped: number;
  /** Whether anything is painted at all. */
  painted: boolean;
}

/** The text layer of every page. A page that cannot be opened is left out. */
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
