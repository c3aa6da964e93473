import { type RunningService, startService } from '@casewire/service';
import { StageConfig, stageService } from '@casewire/stage-runtime';

import { DocumentExaminer } from './examination/document-examiner.ts';
import { ExaminationController } from './examination/examination.controller.ts';

export const service = stageService('forensics', StageConfig, ({ documents, logger }) => ({
  controllers: [ExaminationController],
  providers: [new DocumentExaminer(documents.reader, logger)],
}));

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startService(service, env);
