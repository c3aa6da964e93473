import { StageConfig, startStage } from '@casewire/documents';
import type { RunningService } from '@casewire/service';

import { ClassificationModule } from './app.module.ts';

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startStage('classification', env, StageConfig, (parts) => ClassificationModule.of(parts));
