import { NeedsOperator } from '@casewire/auth';
import { CreateApiKey, CreatedApiKey } from '@casewire/contracts';
import {
  Body,
  Controller,
  Delete,
  Headers,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Post,
} from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { ApiKeysService } from './api-keys.service.ts';

@Controller('admin/v1/organizations/:organizationId/api-keys')
@NeedsOperator()
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @ApiOperation({ summary: 'Create an API key; it is shown in this answer only' })
  @ApiResponse({ status: 201, standardSchema: CreatedApiKey })
  create(
    @Param('organizationId', ParseUUIDPipe) organizationId: string,
    @Body({ schema: CreateApiKey }) command: CreateApiKey,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.apiKeys.create(organizationId, command, key);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke an API key' })
  revoke(@Param('organizationId', ParseUUIDPipe) organizationId: string, @Param('id') id: string) {
    return this.apiKeys.revoke(organizationId, id);
  }
}
