import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { EntityId } from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Delete, Param } from '@nestjs/common';

import { ErasureService } from './erasure.service.ts';

@Controller('orders/v1/orders')
export class ErasureController {
  constructor(private readonly erasure: ErasureService) {}

  @Delete(':id')
  @NeedsScope('orders:write')
  @Operation('remove', 'Delete an order, and the cases that were submitted for it', null)
  remove(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ): Promise<void> {
    return this.erasure.remove(tenant, id);
  }
}
