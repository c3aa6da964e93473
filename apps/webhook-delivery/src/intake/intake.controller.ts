import { Topics } from '@casewire/contracts';
import { OnBatch, type IncomingRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { EventIntake } from './event-intake.ts';

@Controller()
export class IntakeController {
  constructor(private readonly inbox: EventIntake) {}

  @OnBatch(Topics.casewireEvents)
  take(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.inbox.take(records);
  }

  @OnBatch(Topics.registryEvents)
  takeOfRegistry(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.inbox.take(records);
  }
}
