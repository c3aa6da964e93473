import type { Logger } from '@casewire/telemetry';
import type { LoggerService } from '@nestjs/common';

/** What the framework has to say of failures, as lines of the service's log; the rest is not logged. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: () => undefined,
  warn: (message, ...details) => logger.warn({ event: 'framework.warned', message, details }),
  error: (message, ...details) => logger.error({ event: 'framework.failed', message, details }),
  fatal: (message, ...details) => logger.error({ event: 'framework.failed', message, details }),
});
