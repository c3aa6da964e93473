/**
 * The text for an operator when an error prevents a start: only the message, if the error has a code (errors of Casewire and of
 * the system explain the problem); otherwise the stack, since it is a fault of the program.
 */
export function errorLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return errorLine(error.errors[0]);
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && error.message ? error.message : String(error.stack);
}
