import {
  type StageConfig,
  StageDocuments,
  type StageParts,
  StageRuns,
} from '@casewire/stage-runtime';
import { type DynamicModule, Module } from '@nestjs/common';

import { ClassificationController } from './classification/classification.controller.ts';

@Module({})
export class ClassificationModule {
  static of({ runs, documents }: StageParts<StageConfig>): DynamicModule {
    return {
      module: ClassificationModule,
      controllers: [ClassificationController],
      providers: [
        { provide: StageRuns, useValue: runs },
        { provide: StageDocuments, useValue: documents },
      ],
    };
  }
}
