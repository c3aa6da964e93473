import type { AdvanceTestClock, TestClockAdvanced } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

import { advanceDueTimes } from '../../engine/store/advance-due-times.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { IdempotentHandler } from '../idempotent-handler.ts';

/** Advances the time for the retries and pauses of an organization's sandbox. Signatures still use the real time. */
export class TestClockService {
  constructor(
    private readonly idempotent: IdempotentHandler,
    private readonly wake: () => void,
  ) {}

  /** @throws ApiError 409 in production */
  async advance(
    tenant: Tenant,
    { seconds }: AdvanceTestClock,
    key: string | undefined,
  ): Promise<TestClockAdvanced> {
    if (tenant.environment !== 'sandbox') {
      throw new ApiError(
        409,
        'TEST_CLOCK_IN_PRODUCTION',
        'time can be advanced in the sandbox only',
      );
    }
    const request = { key, route: 'test-clock/advance', body: { seconds } };
    const advanced = await this.idempotent.run(tenant, request, async (client) => {
      const { lanes, destinations } = await advanceDueTimes(client, tenant, seconds);
      return { retries: lanes, endpoints: destinations };
    });
    this.wake();
    return advanced;
  }
}
