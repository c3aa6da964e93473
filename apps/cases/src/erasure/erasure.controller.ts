import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { EntityId } from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Delete, Param } from '@nestjs/common';

import { ErasureService } from './erasure.service.ts';

@Controller('partner/v1/cases')
export class ErasureController {
  constructor(private readonly erasure: ErasureService) {}

  @Delete(':id')
  @NeedsScope('cases:write')
  @Operation('remove', 'Delete a case, its documents and its results', null)
  remove(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ): Promise<void> {
    return this.erasure.remove(tenant, id);
  }
}
