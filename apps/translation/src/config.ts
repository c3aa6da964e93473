import { StageConfig } from '@casewire/stage-runtime';
import { z } from 'zod';

export const TranslationConfig = StageConfig.extend({
  /** A translation must cover this share of the words, 0 to 1; otherwise the stage fails. */
  TRANSLATION_THRESHOLD: z.coerce.number().min(0).max(1).default(0.8),
});
export type TranslationConfig = z.infer<typeof TranslationConfig>;
