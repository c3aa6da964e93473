import type { Job, PdfDocument, PdfWord } from '@casewire/sandbox';

import { fontFamily } from './font-family.ts';
import type { PdfObservations } from './pdf-observations.ts';
import { pdfStructure } from './pdf-structure.ts';
import { revisedText } from './revised-text.ts';
import { strayFonts } from './stray-fonts.ts';

/** Scans that are extracted and examined as pictures. */
const maximumScans = 3;
const maximumPages = 30;

/** Observes how a PDF was made and what was changed in it. */
const examinePdf: Job<null, PdfObservations> = async ({ bytes, openPdf }) => {
  const document = await openPdf();
  const structure = pdfStructure(bytes);
  const first = structure.earlierEnds[0];
  // The first revision of the file, where it can still be opened.
  const original =
    first === undefined ? null : await openPdf(bytes.subarray(0, first)).catch(() => null);
  const pages: PdfObservations['pages'] = [];
  const scans: PdfObservations['scans'] = [];
  const blobs: Buffer[] = [];
  for (let number = 1; number <= Math.min(document.pages, maximumPages); number++) {
    const page = document.page(number);
    if (!page) continue;
    const objects = page.objects();
    const { words } = page.words();
    const scan = page.coveringJpeg();
    if (scan && scans.length < maximumScans) {
      scans.push({ page: number, box: scan.box });
      blobs.push(scan.bytes);
    }
    const invisible = scan ? [] : objects.filter((object) => object.invisible);
    pages.push({
      page: number,
      overlays: page.overlays().map(({ box, hidden, retyped, hiddenFont, retypedFont }) => ({
        box,
        hidden,
        retyped,
        hiddenFont: fontFamily(hiddenFont),
        retypedFont: fontFamily(retypedFont),
      })),
      strayFonts: strayFonts(words),
      revised: original ? revisedText(wordsOf(original, number), words) : [],
      hidden: invisible
        .map(({ text }) => text)
        .join(' ')
        .slice(0, 200),
    });
    page.close();
  }
  const value = {
    ...structure,
    producer: document.meta('Producer'),
    creator: document.meta('Creator'),
    created: document.meta('CreationDate'),
    modified: document.meta('ModDate'),
    pages,
    scans,
  };
  return { value, blobs };
};
export default examinePdf;

function wordsOf(document: PdfDocument, number: number): PdfWord[] {
  const page = document.page(number);
  if (!page) return [];
  const { words } = page.words();
  page.close();
  return words;
}
