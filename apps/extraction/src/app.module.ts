import {
  type StageConfig,
  StageDocuments,
  type StageParts,
  StageRuns,
} from '@casewire/stage-runtime';
import { type DynamicModule, Module } from '@nestjs/common';

import { ExtractionController } from './extraction/extraction.controller.ts';

@Module({})
export class ExtractionModule {
  static of({ runs, documents }: StageParts<StageConfig>): DynamicModule {
    return {
      module: ExtractionModule,
      controllers: [ExtractionController],
      providers: [
        { provide: StageRuns, useValue: runs },
        { provide: StageDocuments, useValue: documents },
      ],
    };
  }
}
