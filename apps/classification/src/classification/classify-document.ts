import type { ClassificationResult } from '@casewire/contracts';
import { classify, type Reading } from '@casewire/reading';

/** What the document is, in which language, and what tells so where. */
export const classifyDocument = (reading: Reading, today: Date): ClassificationResult => ({
  ...classify(reading, today),
  language: reading.language,
  pages: reading.pages.length,
});
