import type { DialectName } from '@casewire/contracts';

import { casewire } from './casewire.dialect.ts';
import { cloudevents } from './cloudevents.dialect.ts';
import type { Dialect } from './dialect.ts';
import { truenroll } from './truenroll.dialect.ts';
import { truework } from './truework.dialect.ts';
import { trustgate } from './trustgate.dialect.ts';
import { trustid } from './trustid.dialect.ts';
import { truv } from './truv.dialect.ts';

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  casewire,
  truenroll,
  truework,
  trustgate,
  truv,
  trustid,
  cloudevents,
};
