import type { Logger } from '@casewire/telemetry';
import type { LoggerService } from '@nestjs/common';

/** Writes warnings and errors of Nest to the log of the service. Its other messages are not logged. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: () => undefined,
  warn: (message, ...details) => logger.warn({ event: 'framework.warned', message, details }),
  error: (message, ...details) => logger.error({ event: 'framework.failed', message, details }),
  fatal: (message, ...details) => logger.error({ event: 'framework.failed', message, details }),
});
