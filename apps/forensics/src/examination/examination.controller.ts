import { StageRequest, Topics } from '@casewire/contracts';
import { EventLogContext, OnRecord } from '@casewire/event-log';
import { StageDocuments, StageRuns } from '@casewire/stage-runtime';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

import { DocumentExaminer } from './document-examiner.ts';
import { forensicsFacts } from './forensics-facts.ts';

@Controller()
export class ExaminationController {
  constructor(
    private readonly runs: StageRuns,
    private readonly documents: StageDocuments,
    private readonly examiner: DocumentExaminer,
  ) {}

  @OnRecord(Topics.forensicsRequests)
  examine(
    @Payload({ schema: StageRequest }) request: StageRequest,
    @Ctx() { signal }: EventLogContext,
  ): Promise<void> {
    return this.runs.handle(
      request,
      signal,
      async (stageRequest, { signal: working, storeImage }) => {
        const result = await this.examiner.examine({
          source: this.documents.source(stageRequest),
          reading: await this.documents.read(stageRequest, working),
          documentType: stageRequest.documentType,
          today: new Date(stageRequest.requestedAt),
          signal: working,
          storeImage,
        });
        return { result, facts: forensicsFacts(result) };
      },
    );
  }
}
