import { requestTopic, Stage, StageResult, StageRequest, Topics } from '@casewire/contracts';
import { deadLetterTopic, OnRecord } from '@casewire/event-log';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';

import { ProgressService } from './progress.service.ts';

const deadRequests = Stage.options.map((stage) => deadLetterTopic(requestTopic(stage)));

@Controller()
export class ProgressController {
  constructor(private readonly progress: ProgressService) {}

  @OnRecord(Topics.stageResults)
  record(@Payload({ schema: StageResult }) outcome: StageResult): Promise<void> {
    return this.progress.record(outcome);
  }

  // A request that ended among the dead letters will not be answered: its run fails instead of waiting for its deadline.
  @OnRecord(deadRequests)
  giveUp(@Payload({ schema: StageRequest }) { caseId, runId }: StageRequest): Promise<void> {
    return this.progress.giveUp(caseId, runId, {
      code: 'REQUEST_NOT_UNDERSTOOD',
      detail: 'the stage could not take up the work',
    });
  }
}
