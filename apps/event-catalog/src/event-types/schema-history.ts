import type { EventType } from '@casewire/contracts';
import type { Pool, PoolClient } from 'pg';

type Queryable = Pick<Pool | PoolClient, 'query'>;

export interface RecordedSchema {
  schema: EventType['schema'];
  recordedAt: Date;
}

/** The schemas of a version over time, the oldest first. */
export async function schemasOf(
  db: Queryable,
  name: string,
  version: number,
): Promise<RecordedSchema[]> {
  const { rows } = await db.query<RecordedSchema>(
    `select schema, recorded_at as "recordedAt" from schema_history
     where name = $1 and version = $2 order by ordinal`,
    [name, version],
  );
  return rows;
}

/** Appends a schema to the history of its version. */
export async function recordSchema(
  db: Queryable,
  { name, version, schema }: Pick<EventType, 'name' | 'version' | 'schema'>,
): Promise<void> {
  await db.query(
    `insert into schema_history (name, version, ordinal, schema)
     select $1, $2, count(*) + 1, $3 from schema_history where name = $1 and version = $2`,
    [name, version, JSON.stringify(schema)],
  );
}
