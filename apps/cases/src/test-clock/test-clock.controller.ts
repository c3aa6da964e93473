import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { AdvanceTestClock, CaseClockAdvanced } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Post } from '@nestjs/common';

import { TestClockService } from './test-clock.service.ts';

@Controller('partner/v1/test-clock')
export class TestClockController {
  constructor(private readonly clock: TestClockService) {}

  @Post('advance')
  @NeedsScope('cases:write')
  @Operation(
    'act',
    'Advance the time for stage deadlines and reviews in your sandbox',
    CaseClockAdvanced,
  )
  advance(
    @CurrentPrincipal() tenant: Principal,
    @Body({ schema: AdvanceTestClock }) command: AdvanceTestClock,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.clock.advance(tenant, command, key);
  }
}
