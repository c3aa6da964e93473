import type { AdvanceTestClock, TestClockAdvanced } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

import { advanceDueTimes } from '../../engine/store/advance-due-times.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { IdempotentHandler } from '../idempotent-handler.ts';

/** Lets time pass for what an organization's sandbox waits for; signatures go on by the real time. */
export class TestClockService {
  constructor(
    private readonly once: IdempotentHandler,
    private readonly wake: () => void,
  ) {}

  /** @throws Refusal 409 in production */
  async advance(
    owner: Tenant,
    { seconds }: AdvanceTestClock,
    key: string | undefined,
  ): Promise<TestClockAdvanced> {
    if (owner.environment !== 'sandbox') {
      throw new ApiError(
        409,
        'TEST_CLOCK_IN_PRODUCTION',
        'time can be advanced in the sandbox only',
      );
    }
    const asked = { key, route: 'test-clock/advance', body: { seconds } };
    const advanced = await this.once.run(owner, asked, async (client) => {
      const { lanes, destinations } = await advanceDueTimes(client, owner, seconds);
      return { retries: lanes, endpoints: destinations };
    });
    this.wake();
    return advanced;
  }
}
