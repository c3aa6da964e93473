import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { DeliveryDetail, DeliveryState, DeliveryView, page, PageQuery } from '@casewire/contracts';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

import { DeliveryLogService } from './delivery-log.service.ts';
import { RowId } from './row-id.ts';
import { StoredName } from './stored-text.ts';

const DeliveryQuery = PageQuery.extend({
  endpointId: z.uuid().optional(),
  eventType: StoredName.optional(),
  eventId: z.uuid().optional(),
  replayId: RowId.optional(),
  state: DeliveryState.optional(),
});
type DeliveryQuery = z.infer<typeof DeliveryQuery>;

@Controller('delivery/v1/deliveries')
export class DeliveryLogController {
  constructor(private readonly deliveries: DeliveryLogService) {}

  @Get()
  @NeedsScope('deliveries:read')
  @ApiOperation({ summary: 'Your deliveries and replays, the newest first' })
  @ApiResponse({ status: 200, standardSchema: page(DeliveryView) })
  getAll(@Tenant() tenant: Principal, @Query({ schema: DeliveryQuery }) query: DeliveryQuery) {
    return this.deliveries.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('deliveries:read')
  @ApiOperation({ summary: 'One delivery, with every attempt' })
  @ApiResponse({ status: 200, standardSchema: DeliveryDetail })
  get(@Tenant() tenant: Principal, @Param('id') id: string) {
    return this.deliveries.get(tenant, id);
  }
}
