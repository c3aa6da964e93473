import { type RunningService, startService } from '@casewire/service';
import { stageService } from '@casewire/stage-runtime';

import { TranslationConfig } from './config.ts';
import { TranslationController } from './translation/translation.controller.ts';
import { TranslationService } from './translation/translation.service.ts';

export const service = stageService('translation', TranslationConfig, ({ config }) => ({
  controllers: [TranslationController],
  providers: [new TranslationService(config.TRANSLATION_THRESHOLD)],
}));

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startService(service, env);
