/** Why a document is not accepted or cannot be read. Stable: partners see these. */
export type DocumentErrorCode =
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'DOCUMENT_EMPTY'
  | 'DOCUMENT_UNREADABLE'
  | 'DOCUMENT_ENCRYPTED'
  | 'DOCUMENT_TOO_LARGE_PIXELS'
  | 'DOCUMENT_TOO_MANY_PAGES'
  | 'DOCUMENT_TOO_SLOW';

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
