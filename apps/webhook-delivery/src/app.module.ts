import { Authenticator } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { DeadLetterBoxController } from './dead-letters/dead-letter-box.controller.ts';
import { DeadLetterBox } from './dead-letters/dead-letter-box.ts';
import { DeadLetterReplay } from './dead-letters/dead-letter-replay.ts';
import { DeadLettersController } from './dead-letters/dead-letters.controller.ts';
import { DeadLettersService } from './dead-letters/dead-letters.service.ts';
import { DeliveryLogController } from './delivery-log/delivery-log.controller.ts';
import { DeliveryLogService } from './delivery-log/delivery-log.service.ts';
import { HeldDeliveriesController } from './delivery-log/held-deliveries.controller.ts';
import { HeldDeliveriesService } from './delivery-log/held-deliveries.service.ts';
import { EndpointHealthController } from './endpoints/endpoint-health.controller.ts';
import { EndpointHealthService } from './endpoints/endpoint-health.service.ts';
import { InboxController } from './inbox/inbox.controller.ts';
import { Inbox } from './inbox/inbox.ts';
import { LettersController } from './notices/letters.controller.ts';
import { LettersService } from './notices/letters.service.ts';
import { ReplaysController } from './replays/replays.controller.ts';
import { ReplaysService } from './replays/replays.service.ts';
import { TestClockController } from './test-clock/test-clock.controller.ts';
import { TestClockService } from './test-clock/test-clock.service.ts';

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
