import type { PoolClient } from 'pg';

import type { DomainEvent, StoredEvent } from './event-store.ts';

/** A read model: tables of its own that follow from the domain events alone. */
export interface Projection<E extends DomainEvent> {
  /** Applies events in the order of their streams. Called in the transaction that appends them. */
  apply(client: PoolClient, events: readonly StoredEvent<E>[]): Promise<void>;
  /** Empties the tables. */
  clear(client: PoolClient): Promise<void>;
}

/**
 * Rebuilds a read model from the first event on, in the caller's transaction. Appends wait until it ends.
 * @param batch events that are read at a time
 * @returns the number of events that were applied
 */
export async function rebuild<E extends DomainEvent>(
  client: PoolClient,
  projection: Projection<E>,
  batch = 1000,
): Promise<number> {
  await client.query('lock table domain_event in share row exclusive mode');
  await projection.clear(client);
  let applied = 0;
  for (let last = '0'; ;) {
    const { rows } = await client.query(
      'select seq, stream_id, version, data, traceparent from domain_event where seq > $1 order by seq limit $2',
      [last, batch],
    );
    if (rows.length === 0) return applied;
    await projection.apply(
      client,
      rows.map((row) => ({
        seq: BigInt(row.seq),
        streamId: row.stream_id,
        version: row.version,
        event: row.data as E,
        traceparent: row.traceparent,
      })),
    );
    applied += rows.length;
    last = rows.at(-1).seq;
  }
}
