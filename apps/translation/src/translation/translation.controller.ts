import { StageRequest, Topics } from '@casewire/contracts';
import { EventLogContext, OnRecord } from '@casewire/event-log';
import { StageDocuments, StageRuns } from '@casewire/stage-runtime';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

import { TranslationService } from './translation.service.ts';

@Controller()
export class TranslationController {
  constructor(
    private readonly runs: StageRuns,
    private readonly documents: StageDocuments,
    private readonly translation: TranslationService,
  ) {}

  @OnRecord(Topics.translationRequests)
  translate(
    @Payload({ schema: StageRequest }) request: StageRequest,
    @Ctx() { signal }: EventLogContext,
  ): Promise<void> {
    return this.runs.handle(request, signal, async (stageRequest, { signal: working }) => {
      const reading = await this.documents.read(stageRequest, working);
      return { result: this.translation.translate(reading, stageRequest.targetLanguage) };
    });
  }
}
