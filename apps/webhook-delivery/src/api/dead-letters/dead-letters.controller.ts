import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { DeadLetterView, page, PageQuery, ReplayView, RowId } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';

import { StoredName } from '../../model/stored-text.ts';
import { DeadLetterReplay } from './dead-letter-replay.ts';
import { DeadLettersService } from './dead-letters.service.ts';

const DeadLetterQuery = PageQuery.extend({ code: StoredName.optional() });
type DeadLetterQuery = z.infer<typeof DeadLetterQuery>;

@Controller('delivery/v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly deadLetters: DeadLettersService,
    private readonly replays: DeadLetterReplay,
  ) {}

  @Get()
  @NeedsScope('deliveries:read')
  @Operation(
    'list',
    'Records on your team’s topic that could not be ingested',
    page(DeadLetterView),
    { problems: [404] },
  )
  getAll(
    @CurrentPrincipal() tenant: Principal,
    @Query({ schema: DeadLetterQuery }) query: DeadLetterQuery,
  ) {
    return this.deadLetters.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('deliveries:read')
  @Operation('read', 'A dead letter, with its complete value', DeadLetterView)
  get(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: RowId }) id: string) {
    return this.deadLetters.get(tenant, id);
  }

  @Post(':id/replay')
  @NeedsScope('deliveries:write')
  @Operation(
    'act',
    'Deliver a dead letter after a fix, outside the order of its lane',
    ReplayView,
    {
      status: 202,
    },
  )
  replay(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: RowId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.replays.replay(tenant, id, key);
  }
}
