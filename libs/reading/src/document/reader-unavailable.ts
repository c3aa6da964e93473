/** Codes of errors of the machine, where no document is at fault: the same call may succeed later. */
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

/** Whether the machine is at fault for the error and not the document: another attempt may succeed. */
export const isReaderUnavailable = (error: unknown): error is Error =>
  error instanceof Error && codes.has((error as { code?: unknown }).code);
