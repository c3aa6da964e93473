import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  CreateTemplate,
  OrderTemplate,
  page,
  PageQuery,
  TemplateContent,
  TemplateId,
  TemplateQuery,
} from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';

import { TemplatesService } from './templates.service.ts';

@Controller('orders/v1/templates')
export class TemplatesController {
  constructor(private readonly templates: TemplatesService) {}

  @Post()
  @NeedsScope('orders:write')
  @Operation('create', 'Create a template', OrderTemplate)
  create(
    @CurrentPrincipal() tenant: Principal,
    @Body({ schema: CreateTemplate }) command: CreateTemplate,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.templates.create(tenant, command, key);
  }

  @Get()
  @NeedsScope('orders:read')
  @Operation(
    'list',
    'The latest versions of the templates of the platform and of your own',
    page(OrderTemplate),
  )
  getAll(@CurrentPrincipal() tenant: Principal, @Query({ schema: PageQuery }) query: PageQuery) {
    return this.templates.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('orders:read')
  @Operation('read', 'A version of a template; the latest by default', OrderTemplate)
  get(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: TemplateId }) id: string,
    @Query({ schema: TemplateQuery }) query: TemplateQuery,
  ) {
    return this.templates.get(tenant, id, query);
  }

  @Post(':id/versions')
  @NeedsScope('orders:write')
  @Operation('create', 'Add the next version of a template', OrderTemplate, { problems: [404] })
  addVersion(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: CreateTemplate.shape.id }) id: string,
    @Body({ schema: TemplateContent }) content: TemplateContent,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.templates.addVersion(tenant, id, content, key);
  }
}
