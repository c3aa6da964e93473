import { z } from 'zod';

/** Why a document is not accepted or cannot be read. Partners see these codes: they are stable. */
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

/** The document is at fault: another attempt ends the same. The message may be shown to partners. */
export class DocumentError extends Error {
  readonly retriable = false;
  readonly code: DocumentErrorCode;
  constructor(code: DocumentErrorCode, message: string) {
    super(message);
    this.name = 'DocumentError';
    this.code = code;
  }
}
