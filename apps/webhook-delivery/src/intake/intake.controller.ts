import { Topics } from '@casewire/contracts';
import { EventLogContext, OnBatch, type IncomingRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

import { EventIntake } from './event-intake.ts';

@Controller()
export class IntakeController {
  constructor(private readonly intake: EventIntake) {}

  @OnBatch(Topics.casewireEvents)
  ingestCasewireEvents(
    @Payload() records: IncomingRecord[],
    @Ctx() { fetchMark }: EventLogContext,
  ): Promise<void> {
    return this.intake.ingest(records, fetchMark);
  }

  @OnBatch(Topics.registryEvents)
  ingestRegistryEvents(
    @Payload() records: IncomingRecord[],
    @Ctx() { fetchMark }: EventLogContext,
  ): Promise<void> {
    return this.intake.ingest(records, fetchMark);
  }
}
