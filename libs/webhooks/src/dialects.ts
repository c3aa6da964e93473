import type { DialectName } from '@casewire/contracts';

import { casewire } from './casewire.dialect.ts';
import type { Dialect } from './dialect.ts';
import { truenroll } from './truenroll.dialect.ts';

export const dialects: Readonly<Record<DialectName, Dialect>> = { casewire, truenroll };
