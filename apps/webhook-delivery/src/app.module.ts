import { Authenticator } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { DeliveryLogController } from './delivery-log/delivery-log.controller.ts';
import { DeliveryLogService } from './delivery-log/delivery-log.service.ts';
import { HeldDeliveriesController } from './delivery-log/held-deliveries.controller.ts';
import { HeldDeliveriesService } from './delivery-log/held-deliveries.service.ts';
import { EndpointHealthController } from './endpoints/endpoint-health.controller.ts';
import { EndpointHealthService } from './endpoints/endpoint-health.service.ts';
import { InboxController } from './inbox/inbox.controller.ts';
import { Inbox } from './inbox/inbox.ts';
import { ReplaysController } from './replays/replays.controller.ts';
import { ReplaysService } from './replays/replays.service.ts';

export interface DeliveryParts {
  authenticator: Authenticator;
  inbox: Inbox;
  deliveryLog: DeliveryLogService;
  heldDeliveries: HeldDeliveriesService;
  endpointHealth: EndpointHealthService;
  replays: ReplaysService;
}

@Module({})
export class WebhookDeliveryModule {
  static of(parts: DeliveryParts): DynamicModule {
    return {
      module: WebhookDeliveryModule,
      controllers: [
        InboxController,
        DeliveryLogController,
        HeldDeliveriesController,
        EndpointHealthController,
        ReplaysController,
      ],
      providers: [
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: Inbox, useValue: parts.inbox },
        { provide: DeliveryLogService, useValue: parts.deliveryLog },
        { provide: HeldDeliveriesService, useValue: parts.heldDeliveries },
        { provide: EndpointHealthService, useValue: parts.endpointHealth },
        { provide: ReplaysService, useValue: parts.replays },
      ],
    };
  }
}
