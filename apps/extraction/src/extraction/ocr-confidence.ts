import type { Reading } from '@casewire/reading';

/** The mean confidence of the words that OCR recognized, 0 to 1; null if it recognized none: the document has its text without OCR. */
export function ocrConfidenceOf({ pages }: Pick<Reading, 'pages'>): number | null {
  const words = pages.flatMap((page) => (page.source === 'ocr' ? page.words : []));
  if (words.length === 0) return null;
  const sum = words.reduce((total, { confidence }) => total + confidence, 0);
  return Math.round((sum / words.length) * 1000) / 1000;
}
