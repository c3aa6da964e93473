import { type RunningService, startService } from '@casewire/service';
import { StageConfig, stageService } from '@casewire/stage-runtime';

import { ExtractionController } from './extraction/extraction.controller.ts';

export const service = stageService('extraction', StageConfig, () => ({
  controllers: [ExtractionController],
}));

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startService(service, env);
