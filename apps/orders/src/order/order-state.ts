import type {
  Actor,
  CaseResult,
  DocumentType,
  DocumentVerdict,
  OrderStatus,
  Stage,
  TaskStatus,
  VerificationState,
} from '@casewire/contracts';

import type { OrderedVerification } from './order-domain-event.ts';

/** A case that was submitted for a verification. */
export interface Task {
  id: string;
  verificationId: string;
  caseId: string;
  status: TaskStatus;
  stages: readonly Stage[];
  /** The verdict on each document, by upload: the latest one. */
  documents: ReadonlyMap<string, { documentType: DocumentType; verdict: DocumentVerdict }>;
  /** The decision of the case's last review that had one. */
  decision: 'approved' | 'rejected' | null;
  /** The result of the case once it was completed. */
  result: CaseResult | null;
}

export interface Verification extends OrderedVerification {
  /** Null until the first state is recorded. */
  state: VerificationState | null;
}

export interface Refresh {
  id: string;
  /** The tasks whose refresh is under way. */
  open: ReadonlySet<string>;
  failed: boolean;
}

export interface OrderState {
  phase: 'new' | 'open' | 'deleted';
  id: string;
  createdBy: Actor | null;
  status: OrderStatus;
  /** Whether the order's completion was published. */
  completed: boolean;
  verifications: ReadonlyMap<string, Verification>;
  /** By case: a case is a task of one verification. */
  tasks: ReadonlyMap<string, Task>;
  reports: number;
  refresh: Refresh | null;
  refreshIds: ReadonlySet<string>;
  /** The ids of the commands that were issued for cases. */
  commandIds: ReadonlySet<string>;
  /** The time of the last domain event, in milliseconds: later ones are later by one at least. */
  lastAt: number;
}

export const initialState = (): OrderState => ({
  phase: 'new',
  id: '',
  createdBy: null,
  status: 'pending',
  completed: false,
  verifications: new Map(),
  tasks: new Map(),
  reports: 0,
  refresh: null,
  refreshIds: new Set(),
  commandIds: new Set(),
  lastAt: 0,
});

/** The statuses of a task whose case can still lead to its success. */
export const activeStatuses: ReadonlySet<TaskStatus> = new Set(['processing', 'action_required']);

/** The statuses of a task whose results count: of a refresh that is under way or failed, those before. */
export const successfulStatuses: ReadonlySet<TaskStatus> = new Set([
  'succeeded',
  'refreshing',
  'refresh_failed',
]);

export const tasksOf = ({ tasks }: OrderState, verificationId: string): Task[] =>
  [...tasks.values()].filter((task) => task.verificationId === verificationId);

/** The status of an order, by the states of its verifications: the table in docs/domain.md. */
export function statusOf({ verifications, tasks }: OrderState): OrderStatus {
  const states = [...verifications.values()].map(({ state }) => state);
  const every = (...allowed: (VerificationState | null)[]) =>
    states.every((state) => allowed.includes(state));
  if (every('canceled')) return 'canceled';
  if (every('completed', 'canceled')) return 'completed';
  if (every('completed', 'canceled', 'invalid')) return 'failed';
  if (tasks.size === 0 && every('pending-approval', 'processing', null)) return 'pending';
  return 'processing';
}
