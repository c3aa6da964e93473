import type { Environment } from '@casewire/contracts';
import type { Pool, PoolClient } from 'pg';

/** The orders of the cases that are tasks, by case. */
export async function ordersOfCases(
  pool: Pick<Pool, 'query'>,
  caseIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ case_id: string; order_id: string }>(
    'select case_id, order_id from task_view where case_id = any($1)',
    [caseIds],
  );
  return new Map(rows.map((row) => [row.case_id, row.order_id]));
}

/** Whether the organization has the order, or had it before its deletion. */
export async function isOrderOf(
  client: PoolClient,
  orderId: string,
  { organizationId, environment }: { organizationId: string; environment: Environment },
): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from order_view where id = $1 and organization_id = $2 and environment = $3',
    [orderId, organizationId, environment],
  );
  return rowCount === 1;
}
