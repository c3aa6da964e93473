import type { ClientBase, Pool, PoolClient } from 'pg';

import { pipelined } from './pipelined.ts';

/** The result of a transaction whose last statements are sent together with the commit, which does not wait for their results. */
export class FinalStatements<T> {
  constructor(readonly result: Promise<T>) {}
}

/**
 * Runs the work in one transaction: committed when it resolves, rolled back when it throws. `begin` and final statements are not
 * awaited separately: on pipelined connections they need no additional round trips. A commit after a failed
 * statement commits nothing.
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
 * The same on a connection that the caller provides.
 * @param onBroken gets the failure of a rollback: the connection cannot be used any more
 */
export async function transactionOn<T>(
  client: ClientBase,
  work: () => Promise<T | FinalStatements<T>>,
  onBroken: (failure: Error) => void = () => undefined,
): Promise<T> {
  try {
    const begin = client.query('begin');
    // `begin` fails only if the connection fails, and then every later statement fails too.
    begin.catch(() => undefined);
    const result = await work();
    await begin;
    const committed = client.query('commit');
    if (!(result instanceof FinalStatements)) {
      await committed;
      return result;
    }
    const [finalResult] = await pipelined([result.result, committed]);
    return finalResult;
  } catch (error) {
    // A connection whose rollback fails must not go back to the pool.
    await client.query('rollback').catch(onBroken);
    throw error;
  }
}
