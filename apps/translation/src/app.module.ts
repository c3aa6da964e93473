import { StageDocuments, type StageParts, StageRuns } from '@casewire/stage-runtime';
import { type DynamicModule, Module } from '@nestjs/common';

import type { TranslationConfig } from './config.ts';
import { TranslationController } from './translation/translation.controller.ts';
import { TranslationService } from './translation/translation.service.ts';

@Module({})
export class TranslationModule {
  static of({ config, runs, documents }: StageParts<TranslationConfig>): DynamicModule {
    return {
      module: TranslationModule,
      controllers: [TranslationController],
      providers: [
        { provide: StageRuns, useValue: runs },
        { provide: StageDocuments, useValue: documents },
        {
          provide: TranslationService,
          useValue: new TranslationService(config.TRANSLATION_THRESHOLD),
        },
      ],
    };
  }
}
