import { Topics } from '@casewire/contracts';
import { OnBatch, type IncomingRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { CaseIntake } from './case-intake.ts';

@Controller()
export class IntakeController {
  constructor(private readonly intake: CaseIntake) {}

  @OnBatch(Topics.casewireEvents)
  ingest(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.intake.ingest(records);
  }
}
