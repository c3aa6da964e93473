import { NeedsOperator } from '@casewire/auth';
import {
  EndpointView,
  EndpointWithSecret,
  EntityId,
  OrganizationEndpointsQuery,
  page,
  ProvisionEndpoint,
} from '@casewire/contracts';
import { decodeCursor, GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';

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
    const tenant = { organizationId, environment };
    return this.endpoints.create(tenant, command, audience, 'operator', key);
  }

  @Get()
  @Operation('list', 'The endpoints of an organization', page(EndpointView), { problems: [404] })
  getAll(
    @Param('organizationId', { schema: EntityId }) organizationId: string,
    @Query({ schema: OrganizationEndpointsQuery }) query: OrganizationEndpointsQuery,
  ) {
    const { limit, cursor, environment } = query;
    const after = cursor === undefined ? undefined : decodeCursor(EntityId, cursor);
    return this.endpoints.getAllOf(organizationId, { environment, limit, after });
  }

  @Get(':id')
  @Operation('read', 'One endpoint of an organization', EndpointView)
  get(
    @Param('organizationId', { schema: EntityId }) organizationId: string,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.endpoints.getOf(organizationId, id);
  }
}
