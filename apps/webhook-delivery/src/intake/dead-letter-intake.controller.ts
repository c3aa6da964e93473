import { Topics } from '@casewire/contracts';
import { deadLetterTopic, OnBatch, type IncomingRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { DeadLetterIntake } from './dead-letter-intake.ts';

@Controller()
export class DeadLetterIntakeController {
  constructor(private readonly box: DeadLetterIntake) {}

  @OnBatch(deadLetterTopic(Topics.casewireEvents))
  take(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.box.take(records);
  }

  @OnBatch(deadLetterTopic(Topics.registryEvents))
  takeOfRegistry(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.box.take(records);
  }
}
