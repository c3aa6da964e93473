/** The machine could not read, and no document is at fault: the same call may succeed later. */
export type ReaderUnavailableCode =
  | 'SANDBOX_BROKEN'
  | 'SANDBOX_BUSY'
  | 'SANDBOX_STALLED'
  | 'RECOGNIZER_BROKEN';

const codes = new Set<unknown>([
  'SANDBOX_BROKEN',
  'SANDBOX_BUSY',
  'SANDBOX_STALLED',
  'RECOGNIZER_BROKEN',
] satisfies ReaderUnavailableCode[]);

/** Whether the error says that the machine could not read: never a verdict on the document, always worth another try. */
export const isReaderUnavailable = (error: unknown): error is Error =>
  error instanceof Error && codes.has((error as { code?: unknown }).code);
