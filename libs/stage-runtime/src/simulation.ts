import { setTimeout as delay } from 'node:timers/promises';

import type { StageRequest } from '@casewire/contracts';

import { StageFailed } from './stage-failure.ts';

type Simulated = Pick<StageRequest, 'environment' | 'simulate'>;

/** What the request asks to simulate; a request in production is never simulated, whatever it says. */
const simulationOf = ({ environment, simulate }: Simulated) =>
  environment === 'sandbox' ? simulate : undefined;

/**
 * Waits as long as the request says, in the sandbox, and no longer than to the deadline.
 * @throws the signal's reason when it aborts
 */
export async function simulateDelay(
  request: Simulated,
  { signal, deadline }: { signal: AbortSignal; deadline: AbortSignal },
): Promise<void> {
  const seconds = simulationOf(request)?.delaySeconds ?? 0;
  if (seconds === 0) return;
  try {
    await delay(seconds * 1000, undefined, { signal: AbortSignal.any([signal, deadline]) });
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted) throw error;
  }
}

/** @throws StageFailed SIMULATED_FAILURE if the request says so, in the sandbox */
export function simulateFailure(request: Simulated): void {
  if (simulationOf(request)?.fails)
    throw new StageFailed('SIMULATED_FAILURE', 'the file name asks for this failure');
}
