import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { SubscriptionUpgrade, SubscriptionView, UpgradeSubscription } from '@casewire/contracts';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
} from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

import { EndpointSubscriptionsService } from './endpoint-subscriptions.service.ts';

const UpgradeQuery = z.strictObject({ version: z.coerce.number().int().positive().optional() });
type UpgradeQuery = z.infer<typeof UpgradeQuery>;

@Controller('registry/v1/endpoints/:id/subscriptions')
export class EndpointSubscriptionsController {
  constructor(private readonly subscriptions: EndpointSubscriptionsService) {}

  @Get()
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'What the endpoint subscribed to, and the latest version of each' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(SubscriptionView) }) })
  getAll(@Tenant() tenant: Principal, @Param('id', ParseUUIDPipe) id: string) {
    return this.subscriptions.getAll(tenant, id);
  }

  @Get(':eventType/upgrade')
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'What an upgrade would change in the data; nothing is changed' })
  @ApiResponse({ status: 200, standardSchema: SubscriptionUpgrade })
  preview(
    @Tenant() tenant: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Param('eventType') eventType: string,
    @Query({ schema: UpgradeQuery }) { version }: UpgradeQuery,
  ) {
    return this.subscriptions.preview(tenant, id, eventType, version);
  }

  @Post(':eventType/upgrade')
  @HttpCode(200)
  @NeedsScope('endpoints:write')
  @ApiOperation({ summary: 'Upgrade to a later version; there is no way back' })
  @ApiResponse({ status: 200, standardSchema: SubscriptionUpgrade })
  upgrade(
    @Tenant() tenant: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Param('eventType') eventType: string,
    @Body({ schema: UpgradeSubscription }) { version }: UpgradeSubscription,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.subscriptions.upgrade(tenant, id, eventType, version, key);
  }

  @Delete(':eventType')
  @HttpCode(204)
  @NeedsScope('endpoints:write')
  @ApiOperation({ summary: 'Unsubscribe from an event type' })
  unsubscribe(
    @Tenant() tenant: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Param('eventType') eventType: string,
  ) {
    return this.subscriptions.unsubscribe(tenant, id, eventType);
  }
}
