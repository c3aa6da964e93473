import type { Writable } from 'node:stream';

import type { PoolClient } from 'pg';

/**
 * Patches a connection of pg 8: all statements of one turn of the event loop are sent with one write to the socket. pg itself writes
 * each statement separately, and for pipelined statements a write costs more processor time than most statements.
 */
export function batchWrites(client: PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  const query = client.query.bind(client) as (...statement: unknown[]) => unknown;
  let corked = false;
  const batched = (...statement: unknown[]): unknown => {
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(() => {
        corked = false;
        stream.uncork();
      });
    }
    return query(...statement);
  };
  client.query = batched as typeof client.query;
}
