import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { Controller, Delete, HttpCode, Param } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';

import { caseIdParam } from '../reading/case-id.ts';
import { ErasureService } from './erasure.service.ts';

@Controller('partner/v1/cases')
export class ErasureController {
  constructor(private readonly erasure: ErasureService) {}

  @Delete(':id')
  @HttpCode(204)
  @NeedsScope('cases:write')
  @ApiOperation({ summary: 'Delete a case, its documents and its results' })
  remove(@Tenant() tenant: Principal, @Param('id', caseIdParam) id: string): Promise<void> {
    return this.erasure.remove(tenant, id);
  }
}
