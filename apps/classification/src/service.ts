import { type RunningService, startService } from '@casewire/service';
import { StageConfig, stageService } from '@casewire/stage-runtime';

import { ClassificationController } from './classification/classification.controller.ts';

export const service = stageService('classification', StageConfig, () => ({
  controllers: [ClassificationController],
}));

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startService(service, env);
