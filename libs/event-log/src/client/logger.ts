/** Where the library writes: one call per event, `fields` being structured. */
export interface EventLogLogger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

const ignore = (): void => undefined;

/** Writes nothing; what an event log without a logger uses. */
export const silentLogger: EventLogLogger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
};
