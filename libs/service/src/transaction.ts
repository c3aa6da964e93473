import type { Pool, PoolClient } from 'pg';

import { pipelined } from './pipelined.ts';

/** What a transaction ends with: its last statements, which were sent and are not waited for before the commit is sent. */
export class FinalStatements<T> {
  constructor(readonly result: Promise<T>) {}
}

/**
 * Runs the work in one transaction: committed when it resolves, rolled back when it throws. Its beginning is not waited for,
 * nor is what it returns as an ending: on connections that pipeline they cost no round trips of their own. A commit that
 * follows a statement that failed commits nothing.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T | FinalStatements<T>>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const begun = client.query('begin');
    // It only fails along with the connection, and whatever follows it.
    begun.catch(() => undefined);
    const result = await work(client);
    await begun;
    const committed = client.query('commit');
    if (!(result instanceof FinalStatements)) {
      await committed;
      return result;
    }
    const [ended] = await pipelined([result.result, committed]);
    return ended;
  } catch (error) {
    // A connection on which not even the rollback works must not go back to the pool.
    await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}
