import 'reflect-metadata';
import { runService } from '@casewire/service';

import { start } from './service.ts';

await runService('webhook-delivery', start);
