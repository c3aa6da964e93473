import { Topics } from '@casewire/contracts';
import { OnBatch, type IncomingRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { EventIntake } from './event-intake.ts';

@Controller()
export class IntakeController {
  constructor(private readonly intake: EventIntake) {}

  @OnBatch(Topics.casewireEvents)
  ingestCasewireEvents(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.intake.ingest(records);
  }

  @OnBatch(Topics.registryEvents)
  ingestRegistryEvents(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.intake.ingest(records);
  }
}
