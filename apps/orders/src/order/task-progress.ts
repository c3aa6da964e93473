import { uuidV5 } from '@casewire/contracts';

import { idsOf, type Decision } from './decision.ts';
import {
  activeStatuses,
  successfulStatuses,
  tasksOf,
  type Task,
  type Verification,
} from './order-state.ts';
import { verdictOn } from './task-verdict.ts';
import { closedStates, isAllowed, stateWithoutSuccess } from './transitions.ts';

/** Decides about the task of a case from everything that is known about the case; nothing until the case was completed. */
export function judge(decision: Decision, caseId: string): void {
  const task = decision.task(caseId);
  if (task.result === null) return;
  const verification = decision.verification(task.verificationId);
  const verdict = verdictOn(task, verification);
  const isSuccessful = successfulStatuses.has(task.status);
  const isActive = activeStatuses.has(task.status);
  // A task that failed can succeed by further documents, or by a reviewer, until its verification closes.
  const canSucceed = isActive || (task.status === 'failed' && !isClosed(verification));
  if (!isSuccessful && !canSucceed) return;
  if (verdict.status === 'rejected') reject(decision, task, verdict.reason);
  else if (isSuccessful) return;
  else if (verdict.status === 'succeeded') succeed(decision, task);
  else if (isActive) fail(decision, task, verdict.reason);
}

function succeed(decision: Decision, task: Task): void {
  decision.changeTask(task, 'succeeded');
  if (isAllowed(stateOf(decision, task), 'completed'))
    decision.move(task.verificationId, 'completed', { reason: 'TASK_SUCCEEDED' });
  report(decision, task);
}

/** The results of a successful task, or of a refresh of one, are a report of their own. */
export function report(decision: Decision, task: Task): void {
  decision.recordStatus();
  const { id, reports, status } = decision.state;
  const reportId = uuidV5('report', id, `${reports + 1}`);
  decision.add({ type: 'ReportCreated', ...idsOf(task), reportId, status });
}

function fail(decision: Decision, task: Task, reason: string): void {
  decision.changeTask(task, 'failed', reason);
  continueWithout(decision, task, 'TASK_FAILED');
}

/** Rejected documents make the verification invalid, unless another task has brought its results. */
function reject(decision: Decision, task: Task, reason: string): void {
  decision.changeTask(task, 'rejected', reason);
  invalidateWithoutResults(decision, task.verificationId, 'TASK_REJECTED');
}

/** A verification without the results of a successful task is invalid. */
export function invalidateWithoutResults(
  decision: Decision,
  verificationId: string,
  reason: string,
): void {
  const tasks = tasksOf(decision.state, verificationId);
  if (tasks.some(({ status }) => successfulStatuses.has(status))) return;
  const { state } = decision.verification(verificationId);
  if (state !== null && isAllowed(state, 'invalid'))
    decision.move(verificationId, 'invalid', { reason });
}

/** A verification in process requires more information, or ends, after a task without success, if no other task is under way. */
export function continueWithout(
  decision: Decision,
  { verificationId }: Task,
  reason: string,
): void {
  const { state, method } = decision.verification(verificationId);
  const isUnderWay = tasksOf(decision.state, verificationId).some(
    ({ status }) => status === 'processing',
  );
  if (state !== 'processing' || isUnderWay) return;
  decision.move(verificationId, stateWithoutSuccess[method], { reason });
}

const isClosed = ({ state }: Verification): boolean => state !== null && closedStates.has(state);

const stateOf = (decision: Decision, { verificationId }: Task) =>
  decision.verification(verificationId).state ?? 'pending-approval';
