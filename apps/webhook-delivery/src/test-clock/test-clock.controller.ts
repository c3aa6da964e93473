import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { AdvanceTestClock, TestClockAdvanced } from '@casewire/contracts';
import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { TestClockService } from './test-clock.service.ts';

@Controller('delivery/v1/test-clock')
export class TestClockController {
  constructor(private readonly clock: TestClockService) {}

  @Post('advance')
  @HttpCode(200)
  @NeedsScope('deliveries:write')
  @ApiOperation({ summary: 'Let time pass for what your sandbox waits for' })
  @ApiResponse({ status: 200, standardSchema: TestClockAdvanced })
  advance(
    @Tenant() tenant: Principal,
    @Body({ schema: AdvanceTestClock }) command: AdvanceTestClock,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.clock.advance(tenant, command, key);
  }
}
