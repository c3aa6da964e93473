import {
  type StageConfig,
  StageDocuments,
  type StageParts,
  StageRuns,
} from '@casewire/stage-runtime';
import { type DynamicModule, Module } from '@nestjs/common';

import { DocumentExaminer } from './examination/document-examiner.ts';
import { ExaminationController } from './examination/examination.controller.ts';

@Module({})
export class ForensicsModule {
  static of({ runs, documents, logger }: StageParts<StageConfig>): DynamicModule {
    return {
      module: ForensicsModule,
      controllers: [ExaminationController],
      providers: [
        { provide: StageRuns, useValue: runs },
        { provide: StageDocuments, useValue: documents },
        { provide: DocumentExaminer, useValue: new DocumentExaminer(documents.reader, logger) },
      ],
    };
  }
}
