import 'reflect-metadata';
import { runProcess } from '@casewire/service';

import { start } from './service.ts';

await runProcess('standalone', start);
