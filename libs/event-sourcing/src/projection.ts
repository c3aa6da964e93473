import type { PoolClient } from 'pg';

import type { Fact, StoredFact } from './event-store.ts';

/** A read model: tables of its own, kept from facts alone. */
export interface Projection<F extends Fact> {
  /** Takes in facts, in the order of their streams. Called in the transaction that appends them. */
  apply(client: PoolClient, facts: readonly StoredFact<F>[]): Promise<void>;
  /** Empties the tables. */
  clear(client: PoolClient): Promise<void>;
}

/**
 * Makes a read model anew from the first fact on, in the caller's transaction. Appending waits meanwhile.
 * @returns how many facts were taken in
 */
export async function rebuild<F extends Fact>(
  client: PoolClient,
  projection: Projection<F>,
  batch = 1000,
): Promise<number> {
  await client.query('lock table fact in share row exclusive mode');
  await projection.clear(client);
  let taken = 0;
  for (let last = '0'; ;) {
    const { rows } = await client.query(
      'select seq, stream_id, version, data, traceparent from fact where seq > $1 order by seq limit $2',
      [last, batch],
    );
    if (rows.length === 0) return taken;
    await projection.apply(
      client,
      rows.map((row) => ({
        seq: BigInt(row.seq),
        streamId: row.stream_id,
        version: row.version,
        fact: row.data as F,
        traceparent: row.traceparent,
      })),
    );
    taken += rows.length;
    last = rows.at(-1).seq;
  }
}
