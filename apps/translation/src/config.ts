import { StageConfig } from '@casewire/stage-runtime';
import { z } from 'zod';

export const TranslationConfig = StageConfig.extend({
  /** The part of the words that has to be covered for a translation to be handed out, 0 to 1. */
  TRANSLATION_THRESHOLD: z.coerce.number().min(0).max(1).default(0.8),
});
export type TranslationConfig = z.infer<typeof TranslationConfig>;
