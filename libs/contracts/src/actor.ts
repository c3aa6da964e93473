import { z } from 'zod';

import { isStorableText } from './storable-text.ts';

const text = (max: number) =>
  z.string().max(max).refine(isStorableText, 'must not contain NUL or an unpaired surrogate');

/** Who acted: an API key, or a person who signed in. */
export const Actor = z.object({
  type: z.enum(['api_key', 'person']),
  /** The id of the key, or of the person. */
  id: text(64).min(1),
  /** The name of the key, or of the person; null if it has none. */
  name: text(200).nullable(),
});
export type Actor = z.infer<typeof Actor>;
