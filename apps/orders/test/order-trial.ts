import { uuidV5, type Actor, type Stage, type VerificationMethod } from '@casewire/contracts';
import { stateAfter } from '@casewire/event-sourcing';

import type { CaseOutcome, OrderCommand } from '../src/order/order-command.ts';
import type { OrderDomainEvent, OrderedVerification } from '../src/order/order-domain-event.ts';
import type { OrderState } from '../src/order/order-state.ts';
import { orderDecider } from '../src/order/order.ts';

export const tenant = {
  organizationId: '4f1e9f2e-7d59-4d7e-9f10-0a2b6c0e8a11',
  environment: 'sandbox' as const,
};
export const orderer: Actor = { type: 'api_key', id: '0123456789abcdef01', name: 'Orders' };
export const approver: Actor = { type: 'api_key', id: '0123456789abcdef02', name: 'Approvals' };
export const now = new Date('2026-01-01T10:00:00.000Z');
export const orderId = '7d9a3f10-5c2e-4b61-8f0a-2e6c9b1d4a53';

/** An id that a short name stands for. */
export const idOf = (name: string): string => uuidV5('trial', name);

export const verification = (
  name: string,
  changes: Partial<OrderedVerification> = {},
): OrderedVerification => ({
  verificationId: idOf(name),
  name,
  method: 'documents',
  documentTypes: ['payslip'],
  features: ['extraction', 'forensics'],
  approval: 'none',
  employerId: idOf('employer'),
  ...changes,
});
export const byMethod = (method: VerificationMethod) => verification(method, { method });

export const creating = (...verifications: OrderedVerification[]): OrderCommand => ({
  type: 'CreateOrder',
  orderId,
  ...tenant,
  number: 'CW-7F3K-9QXD',
  templateId: 'casewire.income',
  templateVersion: 1,
  userId: idOf('user'),
  verifications,
  by: orderer,
  now,
});

export const canceling: OrderCommand = { type: 'CancelOrder', by: orderer, now };
export const deleting: OrderCommand = { type: 'DeleteOrder', by: orderer, now };
export const approving = (name: string, by = approver): OrderCommand => ({
  type: 'ApproveVerification',
  verificationId: idOf(name),
  by,
  now,
});
export const refusing = (name: string, by = approver): OrderCommand => ({
  type: 'RefuseVerification',
  verificationId: idOf(name),
  by,
  now,
});
export const cancelingVerification = (name: string): OrderCommand => ({
  type: 'CancelVerification',
  verificationId: idOf(name),
  by: orderer,
  now,
});
export const informing = (name: string): OrderCommand => ({
  type: 'GiveInformation',
  verificationId: idOf(name),
  informationId: idOf('information'),
  by: orderer,
  now,
});
export const refreshing = (
  name = 'refresh',
  verifications: string[] | null = null,
): OrderCommand => ({
  type: 'RefreshOrder',
  refreshId: idOf(name),
  verificationIds: verifications?.map(idOf) ?? null,
  by: orderer,
  now,
});

const outcome = (caseName: string, of: CaseOutcome): OrderCommand => ({
  type: 'RecordCaseOutcome',
  orderId,
  caseId: idOf(caseName),
  outcome: of,
  now,
});

/** What the service of cases publishes about a case. */
export const happens = {
  linked: (
    name: string,
    to: string,
    stages: Stage[] = ['classification', 'extraction', 'forensics'],
  ) => outcome(name, { type: 'linked', verificationId: idOf(to), stages }),
  assessed: (
    name: string,
    verdict: 'verified' | 'review' | 'rejected' = 'verified',
    documentType: 'payslip' | 'passport' = 'payslip',
    uploadId = idOf(`upload of ${name}`),
  ) => outcome(name, { type: 'document_assessed', uploadId, documentType, verdict }),
  reviewed: (name: string, resolution: 'approved' | 'rejected' | 'corrected' | 'more_requested') =>
    outcome(name, { type: 'review_resolved', resolution }),
  completed: (name: string, result: 'succeeded' | 'partially_failed' | 'failed' = 'succeeded') =>
    outcome(name, { type: 'completed', result }),
  actionRequired: (name: string) => outcome(name, { type: 'action_required' }),
  uploadReceived: (name: string) => outcome(name, { type: 'upload_received' }),
  canceled: (name: string) => outcome(name, { type: 'canceled' }),
  erased: (name: string) => outcome(name, { type: 'erased' }),
  refreshCompleted: (name: string, refreshId: string) =>
    outcome(name, { type: 'refresh_completed', refreshId, result: 'succeeded' }),
  refreshFailed: (name: string, refreshId: string, failure = 'DEADLINE_EXCEEDED') =>
    outcome(name, { type: 'refresh_failed', refreshId, failure }),
  commandRefused: (name: string, commandId: string, code = 'RUN_IN_PROGRESS') =>
    outcome(name, { type: 'command_refused', commandId, code }),
};

/** A case that is submitted for a verification, and is successful. */
export const successful = (name: string, to: string): OrderCommand[] => [
  happens.linked(name, to),
  happens.assessed(name),
  happens.completed(name),
];

export interface Trial {
  events: OrderDomainEvent[];
  /** The events of the last command. */
  last: OrderDomainEvent[];
  state: OrderState;
}

/** Executes commands one after the other, each on the domain events of those before it. */
export function after(...commands: OrderCommand[]): Trial {
  const events: OrderDomainEvent[] = [];
  let last: OrderDomainEvent[] = [];
  for (const command of commands) {
    last = orderDecider.decide(command, stateAfter(orderDecider, events));
    events.push(...last);
  }
  return { events, last, state: stateAfter(orderDecider, events) };
}

/** Events in short: the type with what distinguishes events of this type. */
export const brief = (events: readonly OrderDomainEvent[]): string[] =>
  events.map((event) => briefly(event) ?? event.type);

function briefly(event: OrderDomainEvent): string | undefined {
  if (event.type === 'VerificationStateChanged')
    return `${event.previousState ?? 'none'} -> ${event.state}: ${event.reason}`;
  if (event.type === 'TaskStatusChanged')
    return `task ${event.status}${event.reason === null ? '' : `: ${event.reason}`}`;
  if (event.type === 'OrderStatusChanged' || event.type === 'OrderCompleted')
    return `${event.type} ${event.status}`;
  if (event.type === 'ReportCreated') return `report, order ${event.status}`;
  if (event.type === 'CaseCommandIssued') return event.command;
  if (event.type === 'TaskRefreshFailed') return `refresh failed: ${event.failure}`;
  if (event.type === 'RefreshFinished') return `refresh ${event.status}`;
  return undefined;
}

/** The id of the last command for a case. */
export const commandId = ({ events }: Trial): string =>
  events.findLast((event) => event.type === 'CaseCommandIssued')!.commandId;
