import type { ClientBase, Pool, PoolClient } from 'pg';

import { pipelined } from './pipelined.ts';

/** The result of a transaction whose last statements are sent, and not awaited before the commit is sent. */
export class FinalStatements<T> {
  constructor(readonly result: Promise<T>) {}
}

/**
 * Runs the work in one transaction: committed when it resolves, rolled back when it throws. `begin` is not awaited, and neither
 * are final statements: on connections that pipeline they cost no round trips of their own. A commit after a statement that
 * failed commits nothing.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T | FinalStatements<T>>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await transactionOn(
      client,
      () => work(client),
      (failure) => (broken = failure),
    );
  } finally {
    client.release(broken);
  }
}

/**
 * The same on a connection of the caller.
 * @param onBroken gets the failure of a rollback: the connection cannot be used any more
 */
export async function transactionOn<T>(
  client: ClientBase,
  work: () => Promise<T | FinalStatements<T>>,
  onBroken: (failure: Error) => void = () => undefined,
): Promise<T> {
  try {
    const begun = client.query('begin');
    // It fails only with the connection, and so does every later statement.
    begun.catch(() => undefined);
    const result = await work();
    await begun;
    const committed = client.query('commit');
    if (!(result instanceof FinalStatements)) {
      await committed;
      return result;
    }
    const [ended] = await pipelined([result.result, committed]);
    return ended;
  } catch (error) {
    // A connection whose rollback fails must not go back to the pool.
    await client.query('rollback').catch(onBroken);
    throw error;
  }
}
