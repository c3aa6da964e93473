import type { SchemaChange } from '@casewire/contracts';
import { compare, type Schema } from '@casewire/event-schemas';
import type { Pool, PoolClient } from 'pg';

import type { CataloguedType } from '../seeds/seed.ts';
import { recordSchema, schemasOf } from './schema-history.ts';

/** The breaking changes between a schema and the earlier schemas of its version, without duplicates. */
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
 * Adds a version's schema to its history if it is compatible with every earlier schema.
 * @param current the version as it is stored; a reserved version is a draft, and its history is deleted first
 * @returns the breaking changes; if there are any, the schema was not added
 */
export async function recordCompatible(
  db: Pick<Pool | PoolClient, 'query'>,
  current: CataloguedType | undefined,
  next: CataloguedType,
): Promise<SchemaChange[]> {
  const { name, version, schema } = next;
  if (current?.status === 'reserved')
    await db.query('delete from schema_history where name = $1 and version = $2', [name, version]);
  const earlier = (await schemasOf(db, name, version)).map((one) => one.schema);
  const breaking = breakingChanges(earlier, schema);
  if (breaking.length > 0) return breaking;
  const last = earlier.at(-1);
  const changed = !last || compare(last, schema).length > 0;
  if (changed) await recordSchema(db, next);
  return [];
}
