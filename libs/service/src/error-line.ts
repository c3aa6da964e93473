/**
 * What an operator reads of an error that stops a start: its message alone where the error is one of ours or the
 * system's, which have a code and say what is wrong; else its stack, since it is a fault of the program.
 */
export function errorLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return errorLine(error.errors[0]);
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && error.message ? error.message : String(error.stack);
}
