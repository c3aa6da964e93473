import { Authenticator } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { DeliveryLogController } from './delivery-log/delivery-log.controller.ts';
import { DeliveryLogService } from './delivery-log/delivery-log.service.ts';
import { InboxController } from './inbox/inbox.controller.ts';
import { Inbox } from './inbox/inbox.ts';
import { LettersController } from './notices/letters.controller.ts';
import { LettersService } from './notices/letters.service.ts';

export interface DeliveryParts {
  authenticator: Authenticator;
  inbox: Inbox;
  deliveryLog: DeliveryLogService;
  letters: LettersService;
}

@Module({})
export class WebhookDeliveryModule {
  static of(parts: DeliveryParts): DynamicModule {
    return {
      module: WebhookDeliveryModule,
      controllers: [InboxController, DeliveryLogController, LettersController],
      providers: [
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: Inbox, useValue: parts.inbox },
        { provide: DeliveryLogService, useValue: parts.deliveryLog },
        { provide: LettersService, useValue: parts.letters },
      ],
    };
  }
}
