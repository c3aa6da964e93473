import 'reflect-metadata';
import { runService } from '@casewire/service';

import { service } from './service.ts';

await runService(service);
