const longestText = 8_192;
const longestStack = 4_096;
const mostEntries = 100;
const deepest = 4;
const mostCauses = 5;

/** An error as it is logged. */
export interface LoggedError {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  causes?: LoggedError[];
}

/**
 * The part of an error that is logged: its type, message, code and stack, and the same of its causes. Errors of libraries have more
 * properties, such as a database client with its statements and keys: these are never logged.
 */
export function loggedError(error: Error, depth = 0): LoggedError {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const causes = [cause, ...(error instanceof AggregateError ? error.errors : [])]
    .filter((one) => one instanceof Error)
    .slice(0, mostCauses);
  return {
    type: error.constructor?.name || error.name,
    message: shortened(error.message, longestText),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(typeof error.stack === 'string' && { stack: shortened(error.stack, longestStack) }),
    ...(causes.length > 0 &&
      depth < deepest && { causes: causes.map((one) => loggedError(one, depth + 1)) }),
  };
}

/** The fields of a line as they are logged: plain values, errors by `loggedError`, other objects by the name of their class. */
export const loggedFields = (fields: Record<string, unknown>): Record<string, unknown> =>
  entriesOf(fields, 0);

function logged(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return shortened(value, longestText);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return loggedError(value, depth);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= deepest) return '[…]';
  if (Array.isArray(value)) return value.slice(0, mostEntries).map((one) => logged(one, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return `[${value.constructor.name}]`;
  return entriesOf(value as Record<string, unknown>, depth);
}

const entriesOf = (value: Record<string, unknown>, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value)
      .slice(0, mostEntries)
      .map(([key, one]) => [key, logged(one, depth + 1)]),
  );

const shortened = (text: string, longest: number) =>
  text.length > longest ? `${text.slice(0, longest)}…` : text;
