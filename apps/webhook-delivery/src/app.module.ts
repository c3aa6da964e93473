import { Authenticator } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { DeadLetterReplay } from './api/dead-letters/dead-letter-replay.ts';
import { DeadLettersController } from './api/dead-letters/dead-letters.controller.ts';
import { DeadLettersService } from './api/dead-letters/dead-letters.service.ts';
import { BlockedDeliveriesController } from './api/delivery-log/blocked-deliveries.controller.ts';
import { BlockedDeliveriesService } from './api/delivery-log/blocked-deliveries.service.ts';
import { DeliveryLogController } from './api/delivery-log/delivery-log.controller.ts';
import { DeliveryLogService } from './api/delivery-log/delivery-log.service.ts';
import { EndpointHealthController } from './api/endpoint-health/endpoint-health.controller.ts';
import { EndpointHealthService } from './api/endpoint-health/endpoint-health.service.ts';
import { ReplaysController } from './api/replays/replays.controller.ts';
import { ReplaysService } from './api/replays/replays.service.ts';
import { TestClockController } from './api/test-clock/test-clock.controller.ts';
import { TestClockService } from './api/test-clock/test-clock.service.ts';
import { DeadLetterIntakeController } from './intake/dead-letters/dead-letter-intake.controller.ts';
import { DeadLetterIntake } from './intake/dead-letters/dead-letter-intake.ts';
import { EventIntake } from './intake/event-intake.ts';
import { IntakeController } from './intake/intake.controller.ts';
import { NotificationsController } from './notifications/notifications.controller.ts';
import { NotificationsService } from './notifications/notifications.service.ts';

export interface DeliveryParts {
  authenticator: Authenticator;
  eventIntake: EventIntake;
  deliveryLog: DeliveryLogService;
  notifications: NotificationsService;
  blockedDeliveries: BlockedDeliveriesService;
  endpointHealth: EndpointHealthService;
  replays: ReplaysService;
  deadLetterIntake: DeadLetterIntake;
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
        IntakeController,
        DeliveryLogController,
        BlockedDeliveriesController,
        EndpointHealthController,
        ReplaysController,
        DeadLetterIntakeController,
        DeadLettersController,
        NotificationsController,
        TestClockController,
      ],
      providers: [
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: EventIntake, useValue: parts.eventIntake },
        { provide: DeliveryLogService, useValue: parts.deliveryLog },
        { provide: NotificationsService, useValue: parts.notifications },
        { provide: BlockedDeliveriesService, useValue: parts.blockedDeliveries },
        { provide: EndpointHealthService, useValue: parts.endpointHealth },
        { provide: ReplaysService, useValue: parts.replays },
        { provide: DeadLetterIntake, useValue: parts.deadLetterIntake },
        { provide: DeadLettersService, useValue: parts.deadLetters },
        { provide: DeadLetterReplay, useValue: parts.deadLetterReplay },
        { provide: TestClockService, useValue: parts.testClock },
      ],
    };
  }
}
