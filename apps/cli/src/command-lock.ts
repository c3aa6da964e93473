import type { Pool } from 'pg';

/** The same command runs already on this database. */
export class AlreadyRuns extends Error {
  readonly code = 'ALREADY_RUNS';
  constructor() {
    super('this command runs already on this database');
  }
}

/**
 * Does work under an advisory lock, which the database releases if the process ends.
 * @param name of the lock
 * @throws AlreadyRuns
 */
export async function withCommandLock<T>(
  pool: Pool,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock(hashtext($1)) as locked',
      [name],
    );
    if (!rows[0]!.locked) throw new AlreadyRuns();
    return await work();
  } finally {
    // The next command may begin before the database notices that the connection is closed.
    await client.query('select pg_advisory_unlock_all()').catch(() => undefined);
    client.release(true);
  }
}
