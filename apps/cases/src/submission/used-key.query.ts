import type { Pool } from 'pg';

/**
 * Whether a request with this Idempotency-Key was carried out.
 * @param caller the namespace of the key
 */
export async function isKeyUsed(
  pool: Pick<Pool, 'query'>,
  caller: string,
  key: string,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    'select from idempotency_key where caller = $1 and key = $2',
    [caller, key],
  );
  return rowCount === 1;
}
