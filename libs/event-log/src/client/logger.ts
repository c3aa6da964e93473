/** The logger that the library writes to: one call per log line, with structured `fields`. */
export interface EventLogLogger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

const ignore = (): void => undefined;

/** Writes nothing. The default logger of an event log. */
export const silentLogger: EventLogLogger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};
