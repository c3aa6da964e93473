import { inTransaction } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { DomainEvent, StoredEvent } from './event-store.ts';
import type { Projection } from './projection.ts';

/** A table of the read model that differs from what follows from the domain events. */
export interface TableDifference {
  table: string;
  /** Rows that follow from the domain events, and are not in the table. */
  missing: number;
  /** Rows in the table that do not follow from the domain events. */
  unexpected: number;
}

export interface Rebuilt {
  streams: number;
  events: number;
  /** Empty if every table has the rows that follow from the domain events. */
  differences: TableDifference[];
}

export interface RebuildOptions {
  /** Replaces the rows of the tables by the rebuilt ones; otherwise both are only compared. */
  replace: boolean;
  /** Streams that are read at a time; 500 by default. */
  batch?: number;
  /** A schema for the rebuilt tables, which must not exist yet; `rebuilt_views` by default. */
  schema?: string;
}

/**
 * Rebuilds a read model from the first domain event on, beside the one in use and while the service runs. Appends wait only
 * at the end, for the streams that changed meanwhile and for the comparison.
 * @throws the database's error; nothing has changed then
 */
export async function rebuild<E extends DomainEvent>(
  pool: Pool,
  projection: Projection<E>,
  { replace, batch = 500, schema = 'rebuilt_views' }: RebuildOptions,
): Promise<Rebuilt> {
  await createTables(pool, projection, schema);
  try {
    const rebuilding = new Rebuilding(projection, schema, batch);
    // Without a lock, until fewer streams than a batch are left.
    while ((await inTransaction(pool, (client) => rebuilding.catchUp(client))) >= batch);
    return await inTransaction(pool, async (client) => {
      await client.query('lock table domain_event in share row exclusive mode');
      while ((await rebuilding.catchUp(client)) > 0);
      const differences = await compare(client, projection, schema);
      if (replace) await replaceTables(client, projection, schema);
      return { ...rebuilding.counts, differences };
    });
  } finally {
    await pool.query(`drop schema ${schema} cascade`);
  }
}

/** Creates empty tables of the same shape in a schema of their own, with the version up to which each stream is applied. */
async function createTables(
  pool: Pool,
  { tables }: Projection<DomainEvent>,
  schema: string,
): Promise<void> {
  await pool.query(`create schema ${schema}`);
  for (const table of tables)
    await pool.query(`create table ${schema}.${table} (like ${table} including all)`);
  await pool.query(
    `create table ${schema}.applied_stream (stream_id uuid primary key, version int not null)`,
  );
}

class Rebuilding<E extends DomainEvent> {
  readonly counts = { streams: 0, events: 0 };

  constructor(
    private readonly projection: Projection<E>,
    private readonly schema: string,
    private readonly batch: number,
  ) {}

  /** Applies the domain events of a batch of streams that are not applied yet. @returns how many streams there were */
  async catchUp(client: PoolClient): Promise<number> {
    const streams = await this.behind(client);
    if (streams.length === 0) return 0;
    const events = await this.unappliedEvents(client, streams);
    await this.apply(client, events);
    await this.markApplied(client, events);
    this.counts.events += events.length;
    this.counts.streams += streams.filter(({ applied }) => applied === 0).length;
    return streams.length;
  }

  private async behind(client: PoolClient): Promise<{ id: string; applied: number }[]> {
    const { rows } = await client.query<{ id: string; applied: number }>(
      `select s.id, coalesce(a.version, 0) as applied
       from stream s left join ${this.schema}.applied_stream a on a.stream_id = s.id
       where a.version is null or a.version < s.version order by s.id limit $1`,
      [this.batch],
    );
    return rows;
  }

  private async unappliedEvents(
    client: PoolClient,
    streams: readonly { id: string; applied: number }[],
  ): Promise<StoredEvent<E>[]> {
    const { rows } = await client.query(
      `select e.seq, e.stream_id, e.version, e.data, e.traceparent
       from domain_event e join unnest($1::uuid[], $2::int[]) as s (id, applied) on e.stream_id = s.id
       where e.version > s.applied order by e.stream_id, e.version`,
      [streams.map(({ id }) => id), streams.map(({ applied }) => applied)],
    );
    return rows.map((row) => ({
      seq: BigInt(row.seq),
      streamId: row.stream_id,
      version: row.version,
      event: row.data as E,
      traceparent: row.traceparent,
    }));
  }

  /** The projection's statements name no schema: the search path makes them use the rebuilt tables. */
  private async apply(client: PoolClient, events: readonly StoredEvent<E>[]): Promise<void> {
    const { rows } = await client.query<{ path: string }>(
      `select current_setting('search_path') as path`,
    );
    const { path } = rows[0]!;
    await client.query(`select set_config('search_path', $1, true)`, [`${this.schema}, ${path}`]);
    await this.projection.apply(client, events);
    await client.query(`select set_config('search_path', $1, true)`, [path]);
  }

  private async markApplied(client: PoolClient, events: readonly StoredEvent<E>[]): Promise<void> {
    const versions = new Map(events.map(({ streamId, version }) => [streamId, version]));
    await client.query(
      `insert into ${this.schema}.applied_stream (stream_id, version)
       select id, version from unnest($1::uuid[], $2::int[]) as s (id, version)
       on conflict (stream_id) do update set version = excluded.version`,
      [[...versions.keys()], [...versions.values()]],
    );
  }
}

async function compare(
  client: PoolClient,
  { tables }: Projection<never>,
  schema: string,
): Promise<TableDifference[]> {
  const differences: TableDifference[] = [];
  for (const table of tables) {
    const { rows } = await client.query<{ missing: number; unexpected: number }>(
      `select
         (select count(*)::int from (table ${schema}.${table} except all table ${table}) m) as missing,
         (select count(*)::int from (table ${table} except all table ${schema}.${table}) u) as unexpected`,
    );
    const { missing, unexpected } = rows[0]!;
    if (missing + unexpected > 0) differences.push({ table, missing, unexpected });
  }
  return differences;
}

async function replaceTables(
  client: PoolClient,
  { tables }: Projection<never>,
  schema: string,
): Promise<void> {
  await client.query(`truncate ${tables.join(', ')}`);
  for (const table of tables)
    await client.query(`insert into ${table} select * from ${schema}.${table}`);
}
