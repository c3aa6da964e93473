import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { NotificationView, page, PageQuery } from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Get, Query } from '@nestjs/common';

import { NotificationsService } from './notifications.service.ts';

@Controller('delivery/v1/notifications')
export class NotificationsController {
  constructor(private readonly notifications: NotificationsService) {}

  @Get()
  @NeedsScope('deliveries:read')
  @Operation(
    'list',
    'E-mail notifications to your organization about failing webhooks, newest first',
    page(NotificationView),
  )
  getAll(@CurrentPrincipal() tenant: Principal, @Query({ schema: PageQuery }) query: PageQuery) {
    return this.notifications.getAll(tenant, query);
  }
}
