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
  record(@Payload({ schema: StageResult }) result: StageResult): Promise<void> {
    return this.progress.record(result);
  }

  // A request that became a dead letter has no result: its run fails now, not at its deadline.
  @OnRecord(deadRequests)
  failRun(@Payload({ schema: StageRequest }) request: StageRequest): Promise<void> {
    return this.progress.failRun(request, {
      code: 'REQUEST_NOT_UNDERSTOOD',
      detail: 'the stage could not process the request',
    });
  }
}
