import type { RunningService } from '@casewire/service';
import { StageConfig, startStage } from '@casewire/stage-runtime';

import { ClassificationModule } from './app.module.ts';

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startStage('classification', env, StageConfig, (parts) => ClassificationModule.of(parts));
