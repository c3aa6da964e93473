import { pino, type DestinationStream, type LoggerOptions } from 'pino';

import { loggedFields } from './log-fields.ts';
import { currentRequestId } from './request-id.ts';
import { currentTraceId } from './trace-context.ts';

/** One wide line per unit of work: { event: 'delivery.attempted', … }. */
export interface Logger {
  info(line: { event: string } & Record<string, unknown>): void;
  warn(line: { event: string } & Record<string, unknown>): void;
  error(line: { event: string } & Record<string, unknown>): void;
}

export const LogLevels = ['silent', 'error', 'warn', 'info'] as const;
export type LogLevel = (typeof LogLevels)[number];

/**
 * A logger that writes JSON lines with the service's name, the trace and the request. Of errors and other objects it writes only
 * what `loggedFields` allows.
 * @param destination where the lines are written; standard output by default
 */
export function createLogger(
  service: string,
  level: LogLevel = 'info',
  destination?: DestinationStream,
): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: loggedFields },
    mixin: () => {
      const traceId = currentTraceId();
      const requestId = currentRequestId();
      return { ...(traceId && { traceId }), ...(requestId && { requestId }) };
    },
  };
  const lines = destination ? pino(options, destination) : pino(options);
  return {
    info: (line) => lines.info(line),
    warn: (line) => lines.warn(line),
    error: (line) => lines.error(line),
  };
}

/** The logger of a library: the fields of a line, and a message. */
export interface FieldsLogger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** A logger for a library. All its lines have the library's name as their event; debug lines are dropped. */
export const libraryLogger = (logger: Logger, event: string): FieldsLogger => ({
  debug: () => undefined,
  info: (fields, message) => logger.info({ event, message, ...fields }),
  warn: (fields, message) => logger.warn({ event, message, ...fields }),
  error: (fields, message) => logger.error({ event, message, ...fields }),
});
