import { NeedsOperator } from '@casewire/auth';
import { EndpointWithSecret, ProvisionEndpoint } from '@casewire/contracts';
import { Body, Controller, Headers, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { EndpointsService } from './endpoints.service.ts';

@Controller('admin/v1/organizations/:organizationId/endpoints')
@NeedsOperator()
export class ProvisioningController {
  constructor(private readonly endpoints: EndpointsService) {}

  @Post()
  @ApiOperation({ summary: 'Provision an endpoint for an organization, with its audience' })
  @ApiResponse({ status: 201, standardSchema: EndpointWithSecret })
  provision(
    @Param('organizationId', ParseUUIDPipe) organizationId: string,
    @Body({ schema: ProvisionEndpoint }) { audience, environment, ...command }: ProvisionEndpoint,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    const owner = { organizationId, environment };
    return this.endpoints.create(owner, command, audience, 'operator', key);
  }
}
