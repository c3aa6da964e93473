import type { TranslationResult } from '@casewire/contracts';
import type { Reading } from '@casewire/reading';

import { translateDocument } from './translate-document.ts';

/** Translates by the glossary, and hands out only what covers enough. */
export class TranslationService {
  /** @param threshold the part of the words that has to be covered, 0 to 1 */
  constructor(private readonly threshold: number) {}

  /** @throws StageFailed with the reason */
  translate(reading: Reading, targetLanguage: string): TranslationResult {
    return translateDocument(reading, { targetLanguage, threshold: this.threshold });
  }
}
