import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { eventTypeKey } from '@casewire/contracts';

import { seeds } from '../../src/seeds/seeds.ts';

// Adds the schemas of types that became active. Schemas that were shipped before are not changed.
const file = join(import.meta.dirname, 'shipped-schemas.json');
const shipped = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
for (const { name, version, status, schema } of seeds) {
  if (status === 'active') shipped[eventTypeKey(name, version)] ??= schema;
}
writeFileSync(file, `${JSON.stringify(shipped, null, 1)}\n`);
