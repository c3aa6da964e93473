import { Topics } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';

import { Inbox } from './inbox.ts';

@Controller()
export class InboxController {
  constructor(private readonly inbox: Inbox) {}

  @EventPattern(Topics.casewireEvents, { shape: 'batch' })
  take(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.inbox.take(records);
  }
}
