import type { StageRequest } from '@casewire/contracts';

import { StageFailed } from './stage-failure.ts';

/**
 * Fails a run whose request says so, in the sandbox. In production nothing is steered, whatever the request says.
 * @throws StageFailed SIMULATED_FAILURE
 */
export function steerFailure({
  environment,
  simulate,
}: Pick<StageRequest, 'environment' | 'simulate'>): void {
  if (environment === 'sandbox' && simulate?.fails)
    throw new StageFailed('SIMULATED_FAILURE', 'the file name asks for this failure');
}
