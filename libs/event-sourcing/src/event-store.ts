import type { PoolClient } from 'pg';

import { shardOf } from './shard.ts';

/** The tables of an event store. The service's first migration creates them. */
export const eventStoreTables = `
  create table stream (
    id uuid primary key,
    version int not null
  );
  create table domain_event (
    seq bigint generated always as identity primary key,
    stream_id uuid not null references stream,
    version int not null,
    type text not null,
    data jsonb not null,
    shard smallint not null,
    traceparent text,
    recorded_at timestamptz not null default clock_timestamp(),
    published boolean not null default false,
    -- Not published before this time; null: at once.
    publish_after timestamptz,
    unique (stream_id, version)
  );
  -- The outbox: the events that are not published yet.
  create index domain_event_unpublished on domain_event (shard, seq) where not published;`;

/** What happened to an aggregate, in the past tense: its type and its data. It must be JSON. */
export interface DomainEvent {
  type: string;
}

export interface StoredEvent<E extends DomainEvent = DomainEvent> {
  seq: bigint;
  streamId: string;
  version: number;
  event: E;
  traceparent: string | null;
}

/** Another transaction appended to the stream after it was read: read the stream and decide again. */
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

export interface ReadStream<E> {
  version: number;
  events: E[];
}

/**
 * Reads a stream from its beginning and locks it until the transaction ends, so that the next transaction decides on the
 * state that this one leaves. A stream that does not exist has version 0.
 */
export async function readStream<E extends DomainEvent>(
  client: PoolClient,
  streamId: string,
): Promise<ReadStream<E>> {
  await client.query('select from stream where id = $1 for update', [streamId]);
  const { rows } = await client.query<{ data: E; version: number }>(
    'select data, version from domain_event where stream_id = $1 order by version',
    [streamId],
  );
  return { version: rows.at(-1)?.version ?? 0, events: rows.map(({ data }) => data) };
}

export interface Append<E extends DomainEvent> {
  streamId: string;
  /** The version of the stream on which the decision is based; 0 creates the stream. */
  expectedVersion: number;
  events: readonly E[];
  /** The time before which an event is not published; null, the default: at once. Later events of the stream do not wait for it. */
  publishAfter?: ((event: E) => Date | null) | undefined;
  traceparent?: string | undefined;
}

/**
 * Appends events, all or none, in the caller's transaction. Sequence numbers are drawn after the stream is locked, so within
 * a stream they rise with the version.
 * @returns the events as they are stored, in the same order
 * @throws VersionConflict
 */
export async function append<E extends DomainEvent>(
  client: PoolClient,
  { streamId, expectedVersion, events, publishAfter = () => null, traceparent }: Append<E>,
): Promise<StoredEvent<E>[]> {
  if (events.length === 0) return [];
  const version = expectedVersion + events.length;
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
    `insert into domain_event (stream_id, version, type, data, shard, traceparent, publish_after)
     select $1, $2 + n, type, data::jsonb, $5, $6, publish_after
     from unnest($3::text[], $4::text[], $7::timestamptz[]) with ordinality as e (type, data, publish_after, n)
     order by n
     returning seq, version`,
    [
      streamId,
      expectedVersion,
      events.map(({ type }) => type),
      events.map((event) => JSON.stringify(event)),
      shardOf(streamId),
      traceparent ?? null,
      events.map(publishAfter),
    ],
  );
  return rows.map((row, i) => ({
    seq: BigInt(row.seq),
    streamId,
    version: row.version,
    event: events[i]!,
    traceparent: traceparent ?? null,
  }));
}

/** Moves the publication of the events of a stream that are not published yet nearer, in the caller's transaction. */
export async function advancePublication(
  client: PoolClient,
  streamId: string,
  seconds: number,
): Promise<void> {
  await client.query(
    `update domain_event set publish_after = publish_after - make_interval(secs => $2)
     where stream_id = $1 and not published and publish_after is not null`,
    [streamId, seconds],
  );
}

/** Events of a stream whose publication is still to come are never published. In the caller's transaction. */
export async function withdrawPublication(client: PoolClient, streamId: string): Promise<void> {
  await client.query(
    `update domain_event set published = true
     where stream_id = $1 and not published and publish_after > now()`,
    [streamId],
  );
}
