import { z } from 'zod';

/** Why a document is not accepted or cannot be read. Stable: partners see these. */
export const DocumentErrorCode = z.enum([
  'UNSUPPORTED_MEDIA_TYPE',
  'DOCUMENT_EMPTY',
  'DOCUMENT_UNREADABLE',
  'DOCUMENT_ENCRYPTED',
  'DOCUMENT_TOO_LARGE_PIXELS',
  'DOCUMENT_TOO_MANY_PAGES',
  'DOCUMENT_TOO_SLOW',
]);
export type DocumentErrorCode = z.infer<typeof DocumentErrorCode>;

/** The fault is the document's: another try would end the same. The message is safe to show. */
export class DocumentError extends Error {
  readonly retriable = false;
  readonly code: DocumentErrorCode;
  constructor(code: DocumentErrorCode, message: string) {
    super(message);
    this.name = 'DocumentError';
    this.code = code;
  }
}
