import { NeedsOperator } from '@casewire/auth';
import {
  ChangeOrganization,
  CreateOrganization,
  OrganizationView,
  page,
  PageQuery,
  SigningSecretShown,
} from '@casewire/contracts';
import { decodeCursor } from '@casewire/service';
import {
  Body,
  Controller,
  Get,
  Headers,
  Param,
  ParseUUIDPipe,
  Patch,
  Post,
  Query,
} from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

import { OrganizationsService } from './organizations.service.ts';

@Controller('admin/v1/organizations')
@NeedsOperator()
export class OrganizationsController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Post()
  @ApiOperation({ summary: 'Create an organization' })
  @ApiResponse({ status: 201, standardSchema: OrganizationView })
  create(
    @Body({ schema: CreateOrganization }) command: CreateOrganization,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.organizations.create(command, key);
  }

  @Get()
  @ApiOperation({ summary: 'Every organization' })
  @ApiResponse({ status: 200, standardSchema: page(OrganizationView) })
  getAll(@Query({ schema: PageQuery }) { limit, cursor }: PageQuery) {
    const after = cursor === undefined ? undefined : decodeCursor(z.uuid(), cursor);
    return this.organizations.getAll(limit, after);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One organization' })
  @ApiResponse({ status: 200, standardSchema: OrganizationView })
  get(@Param('id', ParseUUIDPipe) id: string) {
    return this.organizations.get(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change an organization: what is not given stays' })
  @ApiResponse({ status: 200, standardSchema: OrganizationView })
  change(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: ChangeOrganization }) command: ChangeOrganization,
  ) {
    return this.organizations.change(id, command);
  }

  @Post(':id/callback-secret')
  @ApiOperation({
    summary: 'Rotate what callback URLs are signed with; it is shown in this answer only',
  })
  @ApiResponse({ status: 201, standardSchema: SigningSecretShown })
  rotateCallbackSecret(
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.organizations.rotateCallbackSecret(id, 'operator', key);
  }
}
