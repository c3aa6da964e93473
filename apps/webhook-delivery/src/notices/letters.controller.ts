import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { LetterView, page, PageQuery } from '@casewire/contracts';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { LettersService } from './letters.service.ts';

@Controller('delivery/v1/letters')
export class LettersController {
  constructor(private readonly letters: LettersService) {}

  @Get()
  @NeedsScope('deliveries:read')
  @ApiOperation({
    summary: 'Letters to your organization about failing webhooks, the newest first',
  })
  @ApiResponse({ status: 200, standardSchema: page(LetterView) })
  getAll(@Tenant() tenant: Principal, @Query({ schema: PageQuery }) query: PageQuery) {
    return this.letters.getAll(tenant, query);
  }
}
