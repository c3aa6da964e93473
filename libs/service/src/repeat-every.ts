import type { Logger } from '@casewire/telemetry';

import type { Stoppable } from './run-process.ts';

/**
 * Repeats work at an interval, one round at a time. A failed round is logged, and the next one runs as usual.
 * @param ms the interval, in milliseconds
 * @param event a failed round is logged as `<event>.failed`
 */
export function repeatEvery(
  ms: number,
  round: () => Promise<unknown>,
  logger: Logger,
  event: string,
): Stoppable {
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = round()
      .catch((error: unknown) => logger.warn({ event: `${event}.failed`, error }))
      .finally(() => (busy = false));
  }, ms);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
