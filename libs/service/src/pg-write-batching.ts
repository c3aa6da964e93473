import type { Writable } from 'node:stream';

import type { PoolClient } from 'pg';

/**
 * Has all statements that are sent in one turn of the event loop written at once: pg writes each by itself, and where they are
 * pipelined a write costs more than most statements.
 */
export function batchWrites(client: PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  const query = client.query.bind(client) as (...statement: unknown[]) => unknown;
  let corked = false;
  const gathered = (...statement: unknown[]): unknown => {
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
  client.query = gathered as typeof client.query;
}
