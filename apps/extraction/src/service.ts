import { StageConfig, startStage } from '@casewire/documents';
import type { RunningService } from '@casewire/service';

import { ExtractionModule } from './app.module.ts';

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startStage('extraction', env, StageConfig, (parts) => ExtractionModule.of(parts));
