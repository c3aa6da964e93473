import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { LetterView, page, PageQuery } from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Get, Query } from '@nestjs/common';

import { LettersService } from './letters.service.ts';

@Controller('delivery/v1/letters')
export class LettersController {
  constructor(private readonly letters: LettersService) {}

  @Get()
  @NeedsScope('deliveries:read')
  @Operation(
    'list',
    'Letters to your organization about failing webhooks, the newest first',
    page(LetterView),
  )
  getAll(@CurrentPrincipal() tenant: Principal, @Query({ schema: PageQuery }) query: PageQuery) {
    return this.letters.getAll(tenant, query);
  }
}
