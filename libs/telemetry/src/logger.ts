import { pino, type Logger as Pino } from 'pino';

import { currentTraceId } from './trace-context.ts';

/** One wide line per unit of work: { event: 'delivery.attempted', … }. */
export interface Logger {
  info(line: { event: string } & Record<string, unknown>): void;
  warn(line: { event: string } & Record<string, unknown>): void;
  error(line: { event: string } & Record<string, unknown>): void;
}

export const LogLevels = ['silent', 'error', 'warn', 'info'] as const;
export type LogLevel = (typeof LogLevels)[number];

/** A logger that writes JSON lines with the service's name and the trace to standard output. */
export function createLogger(service: string, level: LogLevel = 'info'): Logger {
  const lines: Pino = pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const traceId = currentTraceId();
      return traceId ? { traceId } : {};
    },
    serializers: { error: pino.stdSerializers.err },
  });
  return {
    info: (line) => lines.info(line),
    warn: (line) => lines.warn(line),
    error: (line) => lines.error(line),
  };
}

/** How libraries write: the fields of a line, and a message. */
export interface FieldsLogger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** A logger for a library, whose lines all carry the library's name as their event. */
export const libraryLogger = (logger: Logger, event: string): FieldsLogger => ({
  debug: () => undefined,
  info: (fields, message) => logger.info({ event, message, ...fields }),
  warn: (fields, message) => logger.warn({ event, message, ...fields }),
  error: (fields, message) => logger.error({ event, message, ...fields }),
});
