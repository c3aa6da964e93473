import { Topics } from '@casewire/contracts';
import { OnBatch, type IncomingRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { VerificationIntake } from './verification-intake.ts';

@Controller()
export class VerificationsController {
  constructor(private readonly intake: VerificationIntake) {}

  @OnBatch(Topics.casewireEvents)
  ingest(@Payload() records: IncomingRecord[]): Promise<void> {
    return this.intake.ingest(records);
  }
}
