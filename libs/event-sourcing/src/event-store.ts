import type { PoolClient } from 'pg';

import { shardOf } from './shard.ts';

/** The tables of an event store, to be created by the owning service's first migration. */
export const eventStoreTables = `
  create table stream (
    id uuid primary key,
    version int not null
  );
  create table fact (
    seq bigint generated always as identity primary key,
    stream_id uuid not null references stream,
    version int not null,
    type text not null,
    data jsonb not null,
    shard smallint not null,
    traceparent text,
    recorded_at timestamptz not null default clock_timestamp(),
    published boolean not null default false,
    unique (stream_id, version)
  );
  -- The outbox is the part of the store that is not published yet.
  create index fact_unpublished on fact (shard, seq) where not published;`;

/** A fact is an event in the past tense, told by its type. It must be JSON. */
export interface Fact {
  type: string;
}

export interface StoredFact<F extends Fact = Fact> {
  seq: bigint;
  streamId: string;
  version: number;
  fact: F;
  traceparent: string | null;
}

/** Somebody else appended to the stream since it was read: read again, decide again. */
export class VersionConflict extends Error {
  readonly code = 'VERSION_CONFLICT';
  readonly retriable = true;
  constructor(
    readonly streamId: string,
    readonly expected: number,
  ) {
    super(`stream ${streamId} is no longer at version ${expected}`);
  }
}

export interface ReadStream<F> {
  version: number;
  facts: F[];
}

/**
 * Reads a stream from its beginning and holds it until the transaction ends, so that whoever comes next decides on what
 * this transaction leaves. A stream that is not there has version 0.
 */
export async function readStream<F extends Fact>(
  client: PoolClient,
  streamId: string,
): Promise<ReadStream<F>> {
  await client.query('select from stream where id = $1 for update', [streamId]);
  const { rows } = await client.query<{ data: F; version: number }>(
    'select data, version from fact where stream_id = $1 order by version',
    [streamId],
  );
  return { version: rows.at(-1)?.version ?? 0, facts: rows.map(({ data }) => data) };
}

export interface Append<F extends Fact> {
  streamId: string;
  /** The version that the decision was taken on; 0 starts the stream. */
  expectedVersion: number;
  facts: readonly F[];
  traceparent?: string | undefined;
}

/**
 * Appends facts, all or none, in the caller's transaction. Sequence numbers are drawn after the stream is held: within
 * a stream they rise with the version.
 * @throws VersionConflict
 */
export async function append<F extends Fact>(
  client: PoolClient,
  { streamId, expectedVersion, facts, traceparent }: Append<F>,
): Promise<StoredFact<F>[]> {
  if (facts.length === 0) return [];
  const version = expectedVersion + facts.length;
  const moved =
    expectedVersion === 0
      ? await client.query(
          'insert into stream (id, version) values ($1, $2) on conflict do nothing',
          [streamId, version],
        )
      : await client.query('update stream set version = $2 where id = $1 and version = $3', [
          streamId,
          version,
          expectedVersion,
        ]);
  if (moved.rowCount !== 1) throw new VersionConflict(streamId, expectedVersion);
  const { rows } = await client.query<{ seq: string; version: number }>(
    `insert into fact (stream_id, version, type, data, shard, traceparent)
     select $1, $2 + n, type, data::jsonb, $5, $6
     from unnest($3::text[], $4::text[]) with ordinality as f (type, data, n)
     order by n
     returning seq, version`,
    [
      streamId,
      expectedVersion,
      facts.map(({ type }) => type),
      facts.map((fact) => JSON.stringify(fact)),
      shardOf(streamId),
      traceparent ?? null,
    ],
  );
  return rows.map((row, i) => ({
    seq: BigInt(row.seq),
    streamId,
    version: row.version,
    fact: facts[i]!,
    traceparent: traceparent ?? null,
  }));
}
