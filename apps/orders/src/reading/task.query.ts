import type { TaskStatus, TaskView } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import { linksOf } from './case-links.ts';

interface TaskRow {
  id: string;
  verification_id: string;
  case_id: string;
  status: TaskStatus;
  reason: string | null;
  employer_id: string | null;
  created_at: Date;
  updated_at: Date;
}

/** The tasks of an order by their verification, oldest first. */
export async function tasksOf(
  db: Pick<PoolClient, 'query'>,
  orderId: string,
): Promise<Map<string, TaskView[]>> {
  const { rows } = await db.query<TaskRow>(
    `select t.id, t.verification_id, t.case_id, t.status, t.reason, v.employer_id, t.created_at, t.updated_at
     from task_view t join verification_view v on v.id = t.verification_id
     where t.order_id = $1 order by t.created_at, t.id`,
    [orderId],
  );
  return Map.groupBy(rows.map(taskOf), ({ verificationId }) => verificationId);
}

const taskOf = (row: TaskRow): TaskView => ({
  id: row.id,
  verificationId: row.verification_id,
  caseId: row.case_id,
  status: row.status,
  reason: row.reason,
  trackingInfo: row.employer_id,
  submittedAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  links: linksOf(row.case_id),
});
