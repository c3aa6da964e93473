import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { DeadLetterView, page, PageQuery, ReplayView } from '@casewire/contracts';
import { Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

import { StoredName } from '../delivery-log/stored-text.ts';
import { DeadLetterReplay } from './dead-letter-replay.ts';
import { DeadLettersService } from './dead-letters.service.ts';

const DeadLetterQuery = PageQuery.extend({ code: StoredName.optional() });
type DeadLetterQuery = z.infer<typeof DeadLetterQuery>;

@Controller('delivery/v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly letters: DeadLettersService,
    private readonly replays: DeadLetterReplay,
  ) {}

  @Get()
  @NeedsScope('deliveries:read')
  @ApiOperation({ summary: 'Records on your team’s topic that could not be understood' })
  @ApiResponse({ status: 200, standardSchema: page(DeadLetterView) })
  getAll(@Tenant() tenant: Principal, @Query({ schema: DeadLetterQuery }) query: DeadLetterQuery) {
    return this.letters.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('deliveries:read')
  @ApiOperation({ summary: 'One of them, with its whole value' })
  @ApiResponse({ status: 200, standardSchema: DeadLetterView })
  get(@Tenant() tenant: Principal, @Param('id') id: string) {
    return this.letters.get(tenant, id);
  }

  @Post(':id/replay')
  @HttpCode(202)
  @NeedsScope('deliveries:write')
  @ApiOperation({ summary: 'Deliver it after a fix, outside the order of its lane' })
  @ApiResponse({ status: 202, standardSchema: ReplayView })
  replay(
    @Tenant() tenant: Principal,
    @Param('id') id: string,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.replays.replay(tenant, id, key);
  }
}
