import type {
  Approval,
  DocumentType,
  Employer,
  Feature,
  VerificationMethod,
  VerificationState,
  VerificationView,
} from '@casewire/contracts';
import type { PoolClient } from 'pg';

import { allowedActions } from '../order/transitions.ts';
import { informationOf } from './information.query.ts';
import { tasksOf } from './task.query.ts';
import type { Tenant } from './tenant.ts';

type Queryable = Pick<PoolClient, 'query'>;

interface VerificationRow {
  id: string;
  order_id: string;
  name: string;
  method: VerificationMethod;
  document_types: DocumentType[];
  features: Feature[];
  approval: Approval;
  employer_id: string | null;
  employer: Employer | null;
  state: VerificationState;
  reason: string;
  changed_at: Date;
}

/** The verifications of an order, in the order of its template, with their tasks and what was given to them. */
export async function verificationsOf(db: Queryable, orderId: string): Promise<VerificationView[]> {
  const { rows } = await db.query<VerificationRow>(
    `select v.id, v.order_id, v.name, v.method, v.document_types, v.features, v.approval, v.employer_id, p.employer,
       v.state, v.reason, v.changed_at
     from verification_view v left join employer_private p on p.verification_id = v.id
     where v.order_id = $1 order by v.position`,
    [orderId],
  );
  const tasks = await tasksOf(db, orderId);
  const information = await informationOf(db, orderId);
  return rows.map((row) => ({
    id: row.id,
    orderId: row.order_id,
    name: row.name,
    method: row.method,
    state: row.state,
    reason: row.reason,
    changedAt: row.changed_at.toISOString(),
    documentTypes: row.document_types,
    features: row.features,
    approval: row.approval,
    employerId: row.employer_id,
    employer: row.employer,
    allowed: [...allowedActions[row.state]],
    information: information.get(row.id) ?? [],
    tasks: tasks.get(row.id) ?? [],
  }));
}

/** The order of a verification of the tenant; undefined if there is none, or if the order was deleted. */
export async function orderOfVerification(
  db: Queryable,
  { organizationId, environment }: Tenant,
  verificationId: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ order_id: string }>(
    `select v.order_id from verification_view v join order_view o on o.id = v.order_id
     where v.id = $1 and o.organization_id = $2 and o.environment = $3 and not o.deleted`,
    [verificationId, organizationId, environment],
  );
  return rows[0]?.order_id;
}
