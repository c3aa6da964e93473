import { Authenticator } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { DeadLetterReplay } from './api/dead-letters/dead-letter-replay.ts';
import { DeadLettersController } from './api/dead-letters/dead-letters.controller.ts';
import { DeadLettersService } from './api/dead-letters/dead-letters.service.ts';
import { HeldDeliveriesController } from './api/delivery-log/blocked-deliveries.controller.ts';
import { HeldDeliveriesService } from './api/delivery-log/blocked-deliveries.service.ts';
import { DeliveryLogController } from './api/delivery-log/delivery-log.controller.ts';
import { DeliveryLogService } from './api/delivery-log/delivery-log.service.ts';
import { EndpointHealthController } from './api/endpoint-health/endpoint-health.controller.ts';
import { EndpointHealthService } from './api/endpoint-health/endpoint-health.service.ts';
import { ReplaysController } from './api/replays/replays.controller.ts';
import { ReplaysService } from './api/replays/replays.service.ts';
import { TestClockController } from './api/test-clock/test-clock.controller.ts';
import { TestClockService } from './api/test-clock/test-clock.service.ts';
import { DeadLetterBoxController } from './intake/dead-letter-intake.controller.ts';
import { DeadLetterBox } from './intake/dead-letter-intake.ts';
import { Inbox } from './intake/event-intake.ts';
import { InboxController } from './intake/intake.controller.ts';
import { LettersController } from './notifications/notifications.controller.ts';
import { LettersService } from './notifications/notifications.service.ts';

export interface DeliveryParts {
  authenticator: Authenticator;
  inbox: Inbox;
  deliveryLog: DeliveryLogService;
  letters: LettersService;
  heldDeliveries: HeldDeliveriesService;
  endpointHealth: EndpointHealthService;
  replays: ReplaysService;
  deadLetterBox: DeadLetterBox;
  deadLetters: DeadLettersService;
  deadLetterReplay: DeadLetterReplay;
  testClock: TestClockService;
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
        DeadLetterBoxController,
        DeadLettersController,
        LettersController,
        TestClockController,
      ],
      providers: [
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: Inbox, useValue: parts.inbox },
        { provide: DeliveryLogService, useValue: parts.deliveryLog },
        { provide: LettersService, useValue: parts.letters },
        { provide: HeldDeliveriesService, useValue: parts.heldDeliveries },
        { provide: EndpointHealthService, useValue: parts.endpointHealth },
        { provide: ReplaysService, useValue: parts.replays },
        { provide: DeadLetterBox, useValue: parts.deadLetterBox },
        { provide: DeadLettersService, useValue: parts.deadLetters },
        { provide: DeadLetterReplay, useValue: parts.deadLetterReplay },
        { provide: TestClockService, useValue: parts.testClock },
      ],
    };
  }
}
