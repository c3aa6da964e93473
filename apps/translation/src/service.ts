import { startStage } from '@casewire/documents';
import type { RunningService } from '@casewire/service';

import { TranslationModule } from './app.module.ts';
import { TranslationConfig } from './config.ts';

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startStage('translation', env, TranslationConfig, (parts) => TranslationModule.of(parts));
