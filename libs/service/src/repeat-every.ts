import type { Logger } from '@casewire/telemetry';

import type { Stoppable } from './run-process.ts';

/**
 * Does something again and again, one round at a time; a round that fails is logged and the next one is tried.
 * @param event what the log line of a failed round is called
 */
export function repeatEvery(
  ms: number,
  round: () => Promise<unknown>,
  logger: Logger,
  event: string,
): Stoppable {
  let under: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    under = round()
      .catch((error: unknown) => logger.warn({ event: `${event}.failed`, error }))
      .finally(() => (busy = false));
  }, ms);
  return {
    async stop() {
      clearInterval(timer);
      await under;
    },
  };
}
