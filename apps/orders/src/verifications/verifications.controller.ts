import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { EntityId, GiveInformation, VerificationView } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Param, Post } from '@nestjs/common';

import { VerificationsService } from './verifications.service.ts';

@Controller('orders/v1/verifications/:id')
export class VerificationsController {
  constructor(private readonly verifications: VerificationsService) {}

  @Post('approve')
  @NeedsScope('orders:approve')
  @Operation('act', 'Approve a verification, which then begins', VerificationView)
  approve(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.verifications.approve(tenant, id, key);
  }

  @Post('refuse')
  @NeedsScope('orders:approve')
  @Operation(
    'act',
    'Refuse the approval of a verification, which is then canceled',
    VerificationView,
  )
  refuse(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.verifications.refuse(tenant, id, key);
  }

  @Post('cancel')
  @NeedsScope('orders:write')
  @Operation('act', 'Cancel a verification', VerificationView)
  cancel(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.verifications.cancel(tenant, id, key);
  }

  @Post('information')
  @NeedsScope('orders:write')
  @Operation('act', 'Give information to a verification that requires action', VerificationView)
  giveInformation(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: GiveInformation }) command: GiveInformation,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.verifications.giveInformation(tenant, id, command, key);
  }
}
