import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  EntityId,
  OrdersQuery,
  OrderSummary,
  OrderView,
  page,
  VerificationView,
} from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Get, Param, Query } from '@nestjs/common';

import { ReadingService } from './reading.service.ts';

@Controller('orders/v1')
export class ReadingController {
  constructor(private readonly reading: ReadingService) {}

  @Get('orders')
  @NeedsScope('orders:read')
  @Operation('list', 'Your orders that match the query, newest first', page(OrderSummary))
  getAll(
    @CurrentPrincipal() tenant: Principal,
    @Query({ schema: OrdersQuery }) query: OrdersQuery,
  ) {
    return this.reading.getAll(tenant, query);
  }

  @Get('orders/:id')
  @NeedsScope('orders:read')
  @Operation('read', 'An order, with its verifications, tasks and reports', OrderView)
  get(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: EntityId }) id: string) {
    return this.reading.get(tenant, id);
  }

  @Get('verifications/:id')
  @NeedsScope('orders:read')
  @Operation('read', 'A verification, with its tasks and what it allows', VerificationView)
  getVerification(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.reading.getVerification(tenant, id);
  }
}
