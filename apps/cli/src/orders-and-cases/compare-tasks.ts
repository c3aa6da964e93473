import type { CaseStatus, TaskStatus } from '@casewire/contracts';

import { isSameTenant, type Disagreement, type TenantRow } from './disagreement.ts';
import type { Pair } from './rows.ts';

/** A task as orders have it. */
export interface TaskRow extends TenantRow {
  /** Of its case. */
  id: string;
  verification_id: string;
  order_id: string;
  status: TaskStatus;
  /** Whether the order was deleted. */
  deleted: boolean;
}

/** A case that was submitted for a verification. */
export interface LinkedCaseRow extends TenantRow {
  id: string;
  verification_id: string;
  status: CaseStatus | 'deleted';
  /** Whether the case was completed once: further uploads set it back to `processing`. */
  was_completed: boolean;
}

/** In the database of orders, by case. */
export const tasksSql = `
  select t.case_id as id, t.verification_id, t.order_id, t.status, o.deleted, o.organization_id, o.environment
  from task_view t join order_view o on o.id = t.order_id order by t.case_id`;

/** In the database of cases, by id. */
export const linkedCasesSql = `
  select c.id, c.verification_id, c.status, c.organization_id, c.environment,
    c.completed_at is not null or exists (
      select from domain_event e where e.stream_id = c.id and e.data->>'type' = 'CaseCompleted') as was_completed
  from case_view c where c.verification_id is not null order by c.id`;

type Fits = (found: Pick<LinkedCaseRow, 'status' | 'was_completed'>) => boolean;

const isOpen: Fits = ({ status, was_completed }) =>
  !was_completed && status !== 'canceled' && status !== 'deleted';
// What comes after the completion, such as further uploads, does not change a task that has its result.
const hasResult: Fits = ({ status, was_completed }) => was_completed && status !== 'deleted';

/** Whether a case is as the status of its task says. */
const fits: Readonly<Record<TaskStatus, Fits>> = {
  processing: isOpen,
  action_required: isOpen,
  succeeded: hasResult,
  refreshing: hasResult,
  refresh_failed: hasResult,
  failed: hasResult,
  rejected: hasResult,
  // The command to cancel a case is refused if the case was completed before.
  canceled: (found) => found.status === 'canceled' || hasResult(found),
  removed: ({ status }) => status === 'deleted',
};

/**
 * What orders and cases disagree about concerning a task and its case; null if they agree.
 * @param deletedOrderOf whether the verification belongs to an order that was deleted
 */
export async function compareTask(
  [task, linked]: Pair<TaskRow, LinkedCaseRow>,
  deletedOrderOf: (verificationId: string) => Promise<boolean>,
): Promise<Disagreement | null> {
  if (!task) return compareCaseWithoutTask(linked, deletedOrderOf);
  const about = {
    orderId: task.order_id,
    verificationId: task.verification_id,
    caseId: task.id,
  };
  if (!linked) return { ...about, kind: 'case_missing', detail: `orders: ${task.status}` };
  if (task.verification_id !== linked.verification_id)
    return { ...about, kind: 'case_differs', detail: `cases: for ${linked.verification_id}` };
  if (!isSameTenant(task, linked)) {
    const detail = `cases: of ${linked.organization_id}, ${linked.environment}`;
    return { ...about, kind: 'case_differs', detail };
  }
  if (task.deleted ? linked.status === 'deleted' : fits[task.status](linked)) return null;
  const expected = task.deleted ? 'the order is deleted' : task.status;
  const found = `${linked.status}${linked.was_completed ? '' : ', never completed'}`;
  return { ...about, kind: 'status_differs', detail: `orders: ${expected}, cases: ${found}` };
}

/** A case that was submitted while its order was deleted never became a task, and is deleted. */
async function compareCaseWithoutTask(
  { id: caseId, verification_id: verificationId, status }: LinkedCaseRow,
  deletedOrderOf: (verificationId: string) => Promise<boolean>,
): Promise<Disagreement | null> {
  const about = { orderId: null, verificationId, caseId };
  if (!(await deletedOrderOf(verificationId)))
    return { ...about, kind: 'task_missing', detail: `cases: ${status}` };
  if (status === 'deleted') return null;
  const detail = `orders: the order is deleted, cases: ${status}`;
  return { ...about, kind: 'status_differs', detail };
}
