import { NeedsOperator } from '@casewire/auth';
import {
  ChangeOrganization,
  CreateOrganization,
  EntityId,
  OrganizationView,
  page,
  PageQuery,
  SigningSecretShown,
} from '@casewire/contracts';
import { decodeCursor, GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { z } from 'zod';

import { OrganizationsService } from './organizations.service.ts';

@Controller('admin/v1/organizations')
@NeedsOperator()
export class OrganizationsController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Post()
  @Operation('create', 'Create an organization', OrganizationView)
  create(
    @Body({ schema: CreateOrganization }) command: CreateOrganization,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.organizations.create(command, key);
  }

  @Get()
  @Operation('list', 'All organizations', page(OrganizationView))
  getAll(@Query({ schema: PageQuery }) { limit, cursor }: PageQuery) {
    const after = cursor === undefined ? undefined : decodeCursor(z.uuid(), cursor);
    return this.organizations.getAll(limit, after);
  }

  @Get(':id')
  @Operation('read', 'One organization', OrganizationView)
  get(@Param('id', { schema: EntityId }) id: string) {
    return this.organizations.get(id);
  }

  @Patch(':id')
  @Operation('change', 'Change an organization; omitted fields stay as they are', OrganizationView)
  change(
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: ChangeOrganization }) command: ChangeOrganization,
  ) {
    return this.organizations.change(id, command);
  }

  @Post(':id/callback-secret')
  @Operation(
    'act',
    'Rotate the signing secret of callback URLs; it is shown only in this response',
    SigningSecretShown,
    { status: 201 },
  )
  rotateCallbackSecret(
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.organizations.rotateCallbackSecret(id, 'operator', key);
  }
}
