import type { RunningService } from '@casewire/service';
import { StageConfig, startStage } from '@casewire/stage-runtime';

import { ForensicsModule } from './app.module.ts';

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startStage('forensics', env, StageConfig, (parts) => ForensicsModule.of(parts));
