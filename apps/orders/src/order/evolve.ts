import type { DomainEventOf, OrderDomainEvent } from './order-domain-event.ts';
import type { OrderState, Task, Verification } from './order-state.ts';
import { decisionOf } from './review-decision.ts';

/** The state of an order after a further domain event. */
export function evolve(before: OrderState, event: OrderDomainEvent): OrderState {
  const state = { ...before, lastAt: Date.parse(event.at) };
  switch (event.type) {
    case 'OrderCreated':
      return created(state, event);
    case 'OrderStatusChanged':
      return { ...state, status: event.status };
    case 'OrderCompleted':
      return { ...state, completed: true };
    case 'OrderDeleted':
      return { ...state, phase: 'deleted', refresh: null };
    case 'VerificationStateChanged':
      return withVerification(state, event.verificationId, { state: event.state });
    case 'TaskCreated':
      return withTask(state, event.caseId, taskOf(event));
    case 'TaskStatusChanged':
      return withTask(state, event.caseId, { status: event.status });
    case 'TaskDocumentAssessed':
      return assessed(state, event);
    case 'TaskReviewed': {
      const decision = decisionOf[event.resolution];
      return decision === null ? state : withTask(state, event.caseId, { decision });
    }
    case 'TaskCaseCompleted':
      return withTask(state, event.caseId, { result: event.result });
    case 'ReportCreated':
      return { ...state, reports: state.reports + 1 };
    case 'RefreshRequested': {
      const { refreshId: id, taskIds } = event;
      return {
        ...state,
        refresh: { id, open: new Set(taskIds), failed: false },
        refreshIds: new Set(state.refreshIds).add(id),
      };
    }
    case 'TaskRefreshFailed':
      return state.refresh ? { ...state, refresh: { ...state.refresh, failed: true } } : state;
    case 'TaskRefreshEnded':
      return refreshEnded(state, event.taskId);
    case 'RefreshFinished':
      return { ...state, refresh: null };
    case 'InformationGiven':
    case 'CaseCommandIssued':
      return state;
  }
}

const created = (state: OrderState, event: DomainEventOf<'OrderCreated'>): OrderState => ({
  ...state,
  phase: 'open',
  id: event.orderId,
  createdBy: event.createdBy,
  verifications: new Map(
    event.verifications.map((one): [string, Verification] => [
      one.verificationId,
      { ...one, state: null },
    ]),
  ),
});

const taskOf = (event: DomainEventOf<'TaskCreated'>): Task => ({
  id: event.taskId,
  verificationId: event.verificationId,
  caseId: event.caseId,
  status: 'processing',
  stages: event.stages,
  documents: new Map(),
  decision: null,
  result: null,
});

const withVerification = (
  state: OrderState,
  id: string,
  changes: Partial<Verification>,
): OrderState => ({
  ...state,
  verifications: new Map(state.verifications).set(id, {
    ...state.verifications.get(id)!,
    ...changes,
  }),
});

const withTask = (state: OrderState, caseId: string, changes: Partial<Task>): OrderState => ({
  ...state,
  tasks: new Map(state.tasks).set(caseId, { ...state.tasks.get(caseId)!, ...changes }),
});

function assessed(state: OrderState, event: DomainEventOf<'TaskDocumentAssessed'>): OrderState {
  const { caseId, uploadId, documentType, verdict } = event;
  const documents = new Map(state.tasks.get(caseId)!.documents).set(uploadId, {
    documentType,
    verdict,
  });
  return withTask(state, caseId, { documents });
}

function refreshEnded(state: OrderState, taskId: string): OrderState {
  if (!state.refresh) return state;
  const open = new Set(state.refresh.open);
  open.delete(taskId);
  return { ...state, refresh: { ...state.refresh, open } };
}
