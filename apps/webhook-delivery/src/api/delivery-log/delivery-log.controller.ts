import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  DeliveryDetail,
  DeliveryState,
  DeliveryView,
  page,
  PageQuery,
  RowId,
} from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';

import { StoredName } from '../../model/stored-text.ts';
import { DeliveryLogService } from './delivery-log.service.ts';

const DeliveryQuery = PageQuery.extend({
  endpointId: z.uuid().optional(),
  eventType: StoredName.optional(),
  eventId: z.uuid().optional(),
  /** The deliveries of the events of a case. */
  caseId: z.uuid().toLowerCase().optional(),
  /** The deliveries of the events of an order. */
  orderId: z.uuid().toLowerCase().optional(),
  replayId: RowId.optional(),
  state: DeliveryState.optional(),
});
type DeliveryQuery = z.infer<typeof DeliveryQuery>;

@Controller('delivery/v1/deliveries')
export class DeliveryLogController {
  constructor(private readonly deliveries: DeliveryLogService) {}

  @Get()
  @NeedsScope('deliveries:read')
  @Operation('list', 'Your deliveries and replays, newest first', page(DeliveryView))
  getAll(
    @CurrentPrincipal() tenant: Principal,
    @Query({ schema: DeliveryQuery }) query: DeliveryQuery,
  ) {
    return this.deliveries.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('deliveries:read')
  @Operation('read', 'A delivery, with every attempt', DeliveryDetail)
  get(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: RowId }) id: string) {
    return this.deliveries.get(tenant, id);
  }
}
