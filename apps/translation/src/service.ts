import type { RunningService } from '@casewire/service';
import { startStage } from '@casewire/stage-runtime';

import { TranslationModule } from './app.module.ts';
import { TranslationConfig } from './config.ts';

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startStage('translation', env, TranslationConfig, (parts) => TranslationModule.of(parts));
