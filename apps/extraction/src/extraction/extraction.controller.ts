import { StageRequest, Topics } from '@casewire/contracts';
import { EventLogContext, OnRecord } from '@casewire/event-log';
import { StageDocuments, StageRuns } from '@casewire/stage-runtime';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

import { extractDocument } from './extract-document.ts';
import { extractionFacts } from './extraction-facts.ts';

@Controller()
export class ExtractionController {
  constructor(
    private readonly runs: StageRuns,
    private readonly documents: StageDocuments,
  ) {}

  @OnRecord(Topics.extractionRequests)
  extract(
    @Payload({ schema: StageRequest }) request: StageRequest,
    @Ctx() { signal }: EventLogContext,
  ): Promise<void> {
    return this.runs.handle(request, signal, async (stageRequest, { signal: working }) => {
      const reading = await this.documents.read(stageRequest, working);
      const today = new Date(stageRequest.requestedAt);
      const result = extractDocument(reading, stageRequest.documentType, today);
      return { result, facts: extractionFacts(result) };
    });
  }
}
