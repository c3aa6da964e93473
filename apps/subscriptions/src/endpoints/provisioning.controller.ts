import { NeedsOperator } from '@casewire/auth';
import { EndpointWithSecret, EntityId, ProvisionEndpoint } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Param, Post } from '@nestjs/common';

import { EndpointsService } from './endpoints.service.ts';

@Controller('admin/v1/organizations/:organizationId/endpoints')
@NeedsOperator()
export class ProvisioningController {
  constructor(private readonly endpoints: EndpointsService) {}

  @Post()
  @Operation(
    'create',
    'Provision an endpoint for an organization, with its audience',
    EndpointWithSecret,
    { problems: [404] },
  )
  provision(
    @Param('organizationId', { schema: EntityId }) organizationId: string,
    @Body({ schema: ProvisionEndpoint }) { audience, environment, ...command }: ProvisionEndpoint,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    const owner = { organizationId, environment };
    return this.endpoints.create(owner, command, audience, 'operator', key);
  }
}
