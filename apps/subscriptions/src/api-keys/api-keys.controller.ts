import { NeedsOperator } from '@casewire/auth';
import { ApiKeyId, CreateApiKey, CreatedApiKey, EntityId } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Delete, Param, Post } from '@nestjs/common';

import { ApiKeysService } from './api-keys.service.ts';

@Controller('admin/v1/organizations/:organizationId/api-keys')
@NeedsOperator()
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Operation('create', 'Create an API key; it is shown in this answer only', CreatedApiKey, {
    problems: [404],
  })
  create(
    @Param('organizationId', { schema: EntityId }) organizationId: string,
    @Body({ schema: CreateApiKey }) command: CreateApiKey,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.apiKeys.create(organizationId, command, key);
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
