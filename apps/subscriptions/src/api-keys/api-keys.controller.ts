import { NeedsOperator } from '@casewire/auth';
import {
  ApiKeyId,
  ApiKeyView,
  CreateApiKey,
  CreatedApiKey,
  EntityId,
  page,
  PageQuery,
} from '@casewire/contracts';
import { decodeCursor, GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';

import { ApiKeysService } from './api-keys.service.ts';

@Controller('admin/v1/organizations/:organizationId/api-keys')
@NeedsOperator()
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Operation('create', 'Create an API key; it is shown only in this response', CreatedApiKey, {
    problems: [404],
  })
  create(
    @Param('organizationId', { schema: EntityId }) organizationId: string,
    @Body({ schema: CreateApiKey }) command: CreateApiKey,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.apiKeys.create(organizationId, command, key);
  }

  @Get()
  @Operation('list', 'The API keys of an organization', page(ApiKeyView), { problems: [404] })
  getAll(
    @Param('organizationId', { schema: EntityId }) organizationId: string,
    @Query({ schema: PageQuery }) { limit, cursor }: PageQuery,
  ) {
    const after = cursor === undefined ? undefined : decodeCursor(ApiKeyId, cursor);
    return this.apiKeys.getAll(organizationId, limit, after);
  }

  @Get(':id')
  @Operation('read', 'One API key, without the key itself', ApiKeyView)
  get(
    @Param('organizationId', { schema: EntityId }) organizationId: string,
    @Param('id', { schema: ApiKeyId }) id: string,
  ) {
    return this.apiKeys.get(organizationId, id);
  }

  @Delete(':id')
  @Operation('remove', 'Revoke an API key', null)
  revoke(
    @Param('organizationId', { schema: EntityId }) organizationId: string,
    @Param('id', { schema: ApiKeyId }) id: string,
  ) {
    return this.apiKeys.revoke(organizationId, id);
  }
}
