import { StageRequest, Topics } from '@casewire/contracts';
import { EventLogContext, OnRecord } from '@casewire/event-log';
import { StageDocuments, StageRuns } from '@casewire/stage-runtime';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

import { classifyDocument } from './classify-document.ts';

@Controller()
export class ClassificationController {
  constructor(
    private readonly runs: StageRuns,
    private readonly documents: StageDocuments,
  ) {}

  @OnRecord(Topics.classificationRequests)
  classify(
    @Payload({ schema: StageRequest }) request: StageRequest,
    @Ctx() { signal }: EventLogContext,
  ): Promise<void> {
    return this.runs.handle(request, signal, async (stageRequest, { signal: working }) => {
      const reading = await this.documents.read(stageRequest, working);
      const result = classifyDocument(reading, new Date(stageRequest.requestedAt));
      const { documentType, confidence } = result;
      return { result, documentType, facts: { stage: 'classification', confidence } };
    });
  }
}
