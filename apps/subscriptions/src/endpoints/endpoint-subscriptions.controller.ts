import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  EntityId,
  NoQuery,
  SubscribedName,
  SubscriptionUpgrade,
  SubscriptionView,
  UpgradeSubscription,
  VersionNumber,
} from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';

import { EndpointSubscriptionsService } from './endpoint-subscriptions.service.ts';

const UpgradeQuery = z.strictObject({ version: VersionNumber.optional() });
type UpgradeQuery = z.infer<typeof UpgradeQuery>;

@Controller('registry/v1/endpoints/:id/subscriptions')
export class EndpointSubscriptionsController {
  constructor(private readonly subscriptions: EndpointSubscriptionsService) {}

  @Get()
  @NeedsScope('endpoints:read')
  @Operation(
    'list',
    'The subscriptions of an endpoint, and the latest version of each event type',
    z.object({ items: z.array(SubscriptionView) }),
    { problems: [404] },
  )
  getAll(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Query({ schema: NoQuery }) _query: NoQuery,
  ) {
    return this.subscriptions.getAll(tenant, id);
  }

  @Get(':eventType/upgrade')
  @NeedsScope('endpoints:read')
  @Operation(
    'read',
    'Preview the changes that an upgrade makes to the data; the subscription stays as it is',
    SubscriptionUpgrade,
    { problems: [409, 422] },
  )
  preview(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Param('eventType', { schema: SubscribedName }) eventType: string,
    @Query({ schema: UpgradeQuery }) { version }: UpgradeQuery,
  ) {
    return this.subscriptions.preview(tenant, id, eventType, version);
  }

  @Post(':eventType/upgrade')
  @NeedsScope('endpoints:write')
  @Operation('act', 'Upgrade to a later version; it cannot be undone', SubscriptionUpgrade)
  upgrade(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Param('eventType', { schema: SubscribedName }) eventType: string,
    @Body({ schema: UpgradeSubscription }) { version }: UpgradeSubscription,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.subscriptions.upgrade(tenant, id, eventType, version, key);
  }

  @Delete(':eventType')
  @NeedsScope('endpoints:write')
  @Operation('remove', 'Unsubscribe from an event type', null, { problems: [409] })
  unsubscribe(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Param('eventType', { schema: SubscribedName }) eventType: string,
  ) {
    return this.subscriptions.unsubscribe(tenant, id, eventType);
  }
}
