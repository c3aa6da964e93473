import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { CreateReplay, page, PageQuery, ReplayView, RowId } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';

import { ReplaysService } from './replays.service.ts';

@Controller('delivery/v1/replays')
export class ReplaysController {
  constructor(private readonly replays: ReplaysService) {}

  @Post()
  @NeedsScope('deliveries:write')
  @Operation(
    'create',
    'Send again: one delivery, all failed ones, a period, or a key',
    ReplayView,
    {
      status: 202,
      problems: [404],
    },
  )
  create(
    @CurrentPrincipal() tenant: Principal,
    @Body({ schema: CreateReplay }) command: CreateReplay,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.replays.create(tenant, command, key);
  }

  @Get()
  @NeedsScope('deliveries:read')
  @Operation('list', 'Your replays, newest first', page(ReplayView))
  getAll(@CurrentPrincipal() tenant: Principal, @Query({ schema: PageQuery }) query: PageQuery) {
    return this.replays.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('deliveries:read')
  @Operation('read', 'A replay and its progress', ReplayView)
  get(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: RowId }) id: string) {
    return this.replays.get(tenant, id);
  }

  @Post(':id/cancel')
  @NeedsScope('deliveries:write')
  @Operation('act', 'Cancel a replay: its open deliveries are not sent', ReplayView)
  cancel(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: RowId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.replays.cancel(tenant, id, key);
  }
}
