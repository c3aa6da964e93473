import type { PdfPageText } from '@casewire/sandbox';

import { linesOf, withLines } from './lines.ts';
import type { PageReading } from './reading.ts';

const zoneLine = /^[A-Z0-9<]{28,46}$/;

/** A page of a PDF as its text layer has it. */
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
