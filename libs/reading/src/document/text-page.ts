import type { PdfPageText } from '@casewire/sandbox';

import { linesOf, withLines } from '../text/lines.ts';
import type { PageReading } from '../text/reading.ts';

/** A line of a machine-readable zone. */
const zoneLine = /^[A-Z0-9<]{28,46}$/;

/** The reading of a PDF page by its text layer. */
export function textPage(text: PdfPageText): PageReading {
  const page: PageReading = {
    page: text.page,
    source: 'text',
    dpi: null,
    rotation: 0,
    aspect: text.width / text.height,
    words: withLines(text.words).map((word) => ({ ...word, confidence: 1 })),
    zone: [],
  };
  const lines = linesOf(page).map(({ text: line, box }) => ({
    text: line.replaceAll(' ', ''),
    box,
  }));
  page.zone = lines.filter((line) => zoneLine.test(line.text) && line.text.includes('<<'));
  return page;
}
