import type { z } from 'zod';

import { DocumentError } from './document-error.ts';

/**
 * Parses a value that a sandboxed process returned. A value that does not fit the schema is the document's fault: it made
 * its parser misbehave.
 * @throws DocumentError DOCUMENT_UNREADABLE
 */
export function parseUntrusted<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DocumentError('DOCUMENT_UNREADABLE', 'the document cannot be read: reading it failed');
}
