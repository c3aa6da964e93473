import { uuidV5 } from '@casewire/contracts';

import { idsOf, type Decision } from './decision.ts';
import type { CaseOutcome, RecordCaseOutcome } from './order-command.ts';
import type { Task } from './order-state.ts';
import { activeStatuses } from './order-state.ts';
import { endRefreshOf, refreshedTask, taskOfCommand } from './refresh.ts';
import { decisionOf } from './review-decision.ts';
import { continueWithout, invalidateWithoutResults, judge, report } from './task-progress.ts';
import { closedStates } from './transitions.ts';

type OutcomeOf<T extends CaseOutcome['type']> = Extract<CaseOutcome, { type: T }>;

/** Records what happened to a case. What is not known, came before, or comes too late, changes nothing. */
export function recordOutcome(
  decision: Decision,
  { caseId, outcome }: Pick<RecordCaseOutcome, 'caseId' | 'outcome'>,
): void {
  if (outcome.type === 'linked') return link(decision, caseId, outcome);
  const task = decision.state.tasks.get(caseId);
  if (!task || task.status === 'removed') return;
  switch (outcome.type) {
    case 'upload_received':
      return uploadReceived(decision, task);
    case 'document_assessed': {
      const { uploadId, documentType, verdict } = outcome;
      const known = task.documents.get(uploadId);
      if (known?.verdict === verdict && known.documentType === documentType) return;
      decision.add({
        type: 'TaskDocumentAssessed',
        ...idsOf(task),
        uploadId,
        documentType,
        verdict,
      });
      return judge(decision, caseId);
    }
    case 'review_resolved':
      if ([task.decision, null].includes(decisionOf[outcome.resolution])) return;
      decision.add({ type: 'TaskReviewed', ...idsOf(task), resolution: outcome.resolution });
      return judge(decision, caseId);
    case 'action_required':
      return actionRequired(decision, task);
    case 'completed':
      return completed(decision, task, outcome);
    case 'canceled':
      return canceled(decision, task);
    case 'refresh_completed':
      return refreshCompleted(decision, task, outcome);
    case 'refresh_failed':
      if (taskOfCommand(decision, outcome.refreshId)?.id === task.id)
        endRefreshOf(decision, task, outcome.failure);
      return;
    case 'command_refused':
      if (taskOfCommand(decision, outcome.commandId)?.id === task.id)
        endRefreshOf(decision, task, outcome.code);
      return;
    case 'erased':
      return erased(decision, task);
  }
}

/** A case that was submitted for a verification is a task of it. Where the verification closed meanwhile, the case is canceled. */
function link(
  decision: Decision,
  caseId: string,
  { verificationId, stages }: OutcomeOf<'linked'>,
): void {
  const { state } = decision;
  const verification = state.verifications.get(verificationId);
  if (!verification || state.tasks.has(caseId)) return;
  const taskId = uuidV5('task', verificationId, caseId);
  decision.add({ type: 'TaskCreated', taskId, verificationId, caseId, stages });
  const task = decision.task(caseId);
  const isOpen =
    verification.state !== null &&
    verification.state !== 'pending-approval' &&
    !closedStates.has(verification.state);
  if (!isOpen) {
    decision.cancelTask(task, null);
    return;
  }
  decision.changeTask(task, 'processing');
  resume(decision, task, 'CASE_SUBMITTED');
}

function uploadReceived(decision: Decision, task: Task): void {
  if (task.status !== 'action_required') return;
  decision.changeTask(task, 'processing');
  resume(decision, task, 'DOCUMENTS_RECEIVED');
}

/** A verification that required information goes on. */
function resume(decision: Decision, { verificationId }: Task, reason: string): void {
  if (decision.verification(verificationId).state === 'action-required')
    decision.move(verificationId, 'processing', { reason });
}

function actionRequired(decision: Decision, task: Task): void {
  if (task.status !== 'processing') return;
  decision.changeTask(task, 'action_required', 'MORE_DOCUMENTS_REQUESTED');
  continueWithout(decision, task, 'MORE_DOCUMENTS_REQUESTED');
}

function completed(decision: Decision, task: Task, { result }: OutcomeOf<'completed'>): void {
  if (task.result === result) return;
  decision.add({ type: 'TaskCaseCompleted', ...idsOf(task), result });
  judge(decision, task.caseId);
}

function canceled(decision: Decision, task: Task): void {
  endRefreshOf(decision, task, 'CASE_CANCELED');
  if (!activeStatuses.has(task.status)) return;
  decision.changeTask(task, 'canceled', 'CASE_CANCELED');
  continueWithout(decision, task, 'CASE_CANCELED');
}

/** A refresh that the order did not request changes what is known about the case, and makes no report. */
function refreshCompleted(
  decision: Decision,
  task: Task,
  { refreshId, result }: OutcomeOf<'refresh_completed'>,
): void {
  if (task.result !== null && task.result !== result)
    decision.add({ type: 'TaskCaseCompleted', ...idsOf(task), result });
  if (taskOfCommand(decision, refreshId)?.id === task.id) {
    const isSuccessful = decision.task(task.caseId).status === 'refreshing';
    refreshedTask(decision, task);
    if (isSuccessful) report(decision, task);
  }
  judge(decision, task.caseId);
}

/** The results of an erased case are gone: the task is removed, and its verification changes by the table. */
function erased(decision: Decision, task: Task): void {
  endRefreshOf(decision, task, 'CASE_ERASED');
  decision.changeTask(task, 'removed');
  const { state } = decision.verification(task.verificationId);
  if (state === 'completed') invalidateWithoutResults(decision, task.verificationId, 'CASE_ERASED');
  else if (activeStatuses.has(task.status)) continueWithout(decision, task, 'CASE_ERASED');
}
