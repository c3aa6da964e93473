import type { RunningService } from '@casewire/service';
import { StageConfig, startStage } from '@casewire/stage-runtime';

import { ExtractionModule } from './app.module.ts';

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startStage('extraction', env, StageConfig, (parts) => ExtractionModule.of(parts));
