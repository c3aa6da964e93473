import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { CaseView, EntityId, RefreshCase } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Param, Post } from '@nestjs/common';

import { LifecycleService } from './lifecycle.service.ts';

@Controller('partner/v1/cases/:id')
export class LifecycleController {
  constructor(private readonly lifecycle: LifecycleService) {}

  @Post('cancel')
  @NeedsScope('cases:write')
  @Operation('act', 'Cancel a case that is not completed', CaseView)
  cancel(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.lifecycle.cancel(tenant, id, key);
  }

  @Post('close')
  @NeedsScope('cases:write')
  @Operation('act', 'End the wait for further documents', CaseView)
  close(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.lifecycle.close(tenant, id, key);
  }

  @Post('refresh')
  @NeedsScope('cases:write')
  @Operation('act', 'Run stages of a case again', CaseView, { status: 202 })
  refresh(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: RefreshCase }) command: RefreshCase,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.lifecycle.refresh(tenant, id, command, key);
  }
}
