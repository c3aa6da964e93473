import { DocumentError } from '@casewire/sandbox';
import type { z } from 'zod';

/**
 * What a contained child answered, where it is what was asked for; a child that answers otherwise was led astray by its
 * document.
 * @throws DocumentError DOCUMENT_UNREADABLE
 */
export function understood<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DocumentError('DOCUMENT_UNREADABLE', 'the document cannot be read: reading it failed');
}
