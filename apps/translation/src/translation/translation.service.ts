import type { TranslationResult } from '@casewire/contracts';
import type { Reading } from '@casewire/reading';

import { translateDocument } from './translate-document.ts';

/** Translates by the glossary, with the configured threshold. */
export class TranslationService {
  /** @param threshold the share of words that must be translated, 0 to 1 */
  constructor(private readonly threshold: number) {}

  /** @throws StageFailed as `translateDocument` */
  translate(reading: Reading, targetLanguage: string): TranslationResult {
    return translateDocument(reading, { targetLanguage, threshold: this.threshold });
  }
}
