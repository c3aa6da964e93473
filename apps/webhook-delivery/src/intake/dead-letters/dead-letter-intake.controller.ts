import { Topics } from '@casewire/contracts';
import { deadLetterTopic, OnBatch, type IncomingRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { DeadLetterIntake } from './dead-letter-intake.ts';

@Controller()
export class DeadLetterIntakeController {
  constructor(private readonly deadLetters: DeadLetterIntake) {}

  @OnBatch(deadLetterTopic(Topics.casewireEvents))
  storeCasewireDeadLetters(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.deadLetters.store(records);
  }

  @OnBatch(deadLetterTopic(Topics.registryEvents))
  storeRegistryDeadLetters(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.deadLetters.store(records);
  }
}
