import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { AdvanceTestClock, TestClockAdvanced } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Post } from '@nestjs/common';

import { TestClockService } from './test-clock.service.ts';

@Controller('delivery/v1/test-clock')
export class TestClockController {
  constructor(private readonly clock: TestClockService) {}

  @Post('advance')
  @NeedsScope('deliveries:write')
  @Operation('act', 'Advance the time for retries and pauses in your sandbox', TestClockAdvanced)
  advance(
    @CurrentPrincipal() tenant: Principal,
    @Body({ schema: AdvanceTestClock }) command: AdvanceTestClock,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.clock.advance(tenant, command, key);
  }
}
