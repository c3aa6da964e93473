import type { ReportView } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import { linksOf } from './case-links.ts';

interface ReportRow {
  id: string;
  verification_id: string;
  task_id: string;
  case_id: string;
  created_at: Date;
}

/** The reports of an order, oldest first. */
export async function reportsOf(
  db: Pick<PoolClient, 'query'>,
  orderId: string,
): Promise<ReportView[]> {
  const { rows } = await db.query<ReportRow>(
    `select id, verification_id, task_id, case_id, created_at from report_view
     where order_id = $1 order by created_at, id`,
    [orderId],
  );
  return rows.map((row) => ({
    id: row.id,
    verificationId: row.verification_id,
    taskId: row.task_id,
    caseId: row.case_id,
    createdAt: row.created_at.toISOString(),
    links: linksOf(row.case_id),
  }));
}
