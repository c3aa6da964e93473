import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { CreateReplay, page, PageQuery, ReplayView } from '@casewire/contracts';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { ReplaysService } from './replays.service.ts';

@Controller('delivery/v1/replays')
export class ReplaysController {
  constructor(private readonly replays: ReplaysService) {}

  @Post()
  @HttpCode(202)
  @NeedsScope('deliveries:write')
  @ApiOperation({ summary: 'Send again: one delivery, what failed, a period, or a key' })
  @ApiResponse({ status: 202, standardSchema: ReplayView })
  create(
    @Tenant() tenant: Principal,
    @Body({ schema: CreateReplay }) command: CreateReplay,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.replays.create(tenant, command, key);
  }

  @Get()
  @NeedsScope('deliveries:read')
  @ApiOperation({ summary: 'Your replays, the newest first' })
  @ApiResponse({ status: 200, standardSchema: page(ReplayView) })
  getAll(@Tenant() tenant: Principal, @Query({ schema: PageQuery }) query: PageQuery) {
    return this.replays.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('deliveries:read')
  @ApiOperation({ summary: 'A replay, and how far it is' })
  @ApiResponse({ status: 200, standardSchema: ReplayView })
  get(@Tenant() tenant: Principal, @Param('id') id: string) {
    return this.replays.get(tenant, id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @NeedsScope('deliveries:write')
  @ApiOperation({ summary: 'Send nothing more of a replay' })
  @ApiResponse({ status: 200, standardSchema: ReplayView })
  cancel(
    @Tenant() tenant: Principal,
    @Param('id') id: string,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.replays.cancel(tenant, id, key);
  }
}
