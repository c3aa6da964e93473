import { z } from 'zod';

/** Who acted: an API key, or a person who signed in. */
export const Actor = z.object({
  type: z.enum(['api_key', 'person']),
  /** The id of the key, or of the person. */
  id: z.string().min(1).max(64),
  /** The name of the key, or of the person; null if it has none. */
  name: z.string().max(200).nullable(),
});
export type Actor = z.infer<typeof Actor>;
