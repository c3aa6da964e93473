import type { SchemaChange } from '@casewire/contracts';
import { compare, type Schema } from '@casewire/event-schemas';
import type { Pool, PoolClient } from 'pg';

import type { CataloguedType } from '../seeds/seed.ts';
import { recordSchema, schemasOf } from './schema-history.ts';

/** What breaks between a schema and any that its version had before; each change once. */
export function breakingChanges(
  earlier: readonly CataloguedType['schema'][],
  schema: CataloguedType['schema'],
): SchemaChange[] {
  const changes = earlier
    .flatMap((one) => compare(one as Schema, schema as Schema))
    .filter((change) => change.breaking);
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

/**
 * Puts a version's schema beside those it had, if it is compatible with every one of them.
 * @param known the version as it is; what is reserved is a draft, and its history begins anew
 * @returns what breaks; then nothing was recorded
 */
export async function recordCompatible(
  db: Pick<Pool | PoolClient, 'query'>,
  known: CataloguedType | undefined,
  next: CataloguedType,
): Promise<SchemaChange[]> {
  const { name, version, schema } = next;
  if (known?.status === 'reserved')
    await db.query('delete from schema_history where name = $1 and version = $2', [name, version]);
  const earlier = (await schemasOf(db, name, version)).map((one) => one.schema);
  const broken = breakingChanges(earlier, schema);
  if (broken.length > 0) return broken;
  const last = earlier.at(-1);
  const changed = !last || compare(last, schema).length > 0;
  if (changed) await recordSchema(db, next);
  return [];
}
