import type { ClassificationResult } from '@casewire/contracts';
import { classify, type Reading } from '@casewire/reading';

/** The type of the document with its evidence, its language and its number of pages. */
export const classifyDocument = (reading: Reading, today: Date): ClassificationResult => ({
  ...classify(reading, today),
  language: reading.language,
  pages: reading.pages.length,
});
