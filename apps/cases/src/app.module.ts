import { Authenticator } from '@casewire/auth';
import { Module, type DynamicModule } from '@nestjs/common';

import { ErasureController } from './erasure/erasure.controller.ts';
import { ErasureService } from './erasure/erasure.service.ts';
import { ProgressController } from './progress/progress.controller.ts';
import { ProgressService } from './progress/progress.service.ts';
import { ReadingController } from './reading/reading.controller.ts';
import { ReadingService } from './reading/reading.service.ts';
import { SubmissionController } from './submission/submission.controller.ts';
import { SubmissionService } from './submission/submission.service.ts';

export interface CasesParts {
  authenticator: Authenticator;
  submission: SubmissionService;
  reading: ReadingService;
  erasure: ErasureService;
  progress: ProgressService;
}

@Module({})
export class CasesModule {
  static of(parts: CasesParts): DynamicModule {
    return {
      module: CasesModule,
      controllers: [SubmissionController, ReadingController, ErasureController, ProgressController],
      providers: [
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: SubmissionService, useValue: parts.submission },
        { provide: ReadingService, useValue: parts.reading },
        { provide: ErasureService, useValue: parts.erasure },
        { provide: ProgressService, useValue: parts.progress },
      ],
    };
  }
}
