import type { ReviewCause } from '@casewire/contracts';

import type { DeliverableEvent, Dialect } from './dialect.ts';
import { twiceAfterFiveMinutes } from './retry-schedule.ts';

interface Workflow {
  event: string;
  name: string;
  state: string;
  process: string;
}

const workflows: ReadonlyMap<string, Workflow> = new Map([
  ['case.completed', referral('ResultNotification', 'Stop')],
  ['case.submitted', referral('ContainerSubmitted', 'Start')],
  ['review.opened', referral('ContainerSentToReview', 'WaitingForReferralCompletion')],
  ['document.revised', update('DocumentModifiedPostResult', 'UpdateDocument')],
  ['case.revised', update('ContainerModifiedPostResult', 'UpdateDocumentContainer')],
]);

/** Causes of a review that mean: the case could not be processed automatically. */
const notAutomatic: ReadonlySet<unknown> = new Set<ReviewCause>([
  'unprocessable',
  'low_confidence',
  'fields_missing',
]);

// TrustID has no test event.
const ping: Workflow = {
  event: 'EndpointPing',
  name: 'EndpointPing',
  state: 'Stop',
  process: 'Casewire.EndpointPing',
};

function workflowOf({ type, data }: DeliverableEvent): Workflow | undefined {
  if (type === 'endpoint.ping') return ping;
  // TrustID has an event only for a case that could not be processed automatically (TI-6).
  if (type === 'review.opened' && !notAutomatic.has(data.cause)) return undefined;
  return workflows.get(type);
}

/** A time in the format of .NET's JSON serializer, in UTC (TI-13). */
const dotNetDate = (at: Date): string => `/Date(${at.getTime()}+0000)/`;

interface Body {
  Callback: {
    Aborted: boolean;
    CallbackAt: string;
    CallbackId: string;
    CallbackStatusCode: number;
    CallbackUrl: string;
    ErrorMessage: string | null;
    ProcessName: string;
    RetryCounter: number;
    ScheduledAt: string;
    State: number;
    UpdatedAt: string;
    WorkflowName: string;
    WorkflowState: string;
    WorkflowStorage: { Key: string; Value: unknown }[];
  };
  Response: { ContainerId: unknown };
}

/** TrustID: the body describes the attempt; three attempts with a short timeout (TI-11 to TI-26). */
export const trustid: Dialect = {
  name: 'trustid',
  eventNames: new Map(Array.from(workflows, ([type, { event }]) => [event, [type]])),
  nameOf: (event) => workflowOf(event)?.event ?? null,
  body(event): Body {
    const { name, state, process } = workflowOf(event) ?? ping;
    const occurredAt = dotNetDate(new Date(event.occurredAt));
    return {
      Callback: {
        Aborted: false,
        CallbackAt: occurredAt,
        // The same in every attempt, while RetryCounter rises: receivers detect duplicates by it (TI-26).
        CallbackId: event.id,
        CallbackStatusCode: 0,
        CallbackUrl: '',
        ErrorMessage: null,
        ProcessName: process,
        RetryCounter: 1,
        ScheduledAt: occurredAt,
        State: 5,
        UpdatedAt: occurredAt,
        WorkflowName: name,
        WorkflowState: state,
        WorkflowStorage: workflowStorage(event),
      },
      Response: { ContainerId: event.data.caseId ?? null },
    };
  },
  headers: () => ({}),
  attemptBody(storedBody, { number, sentAt, dueAt, url, lastStatus, lastError }) {
    const body = JSON.parse(storedBody.toString()) as Body;
    Object.assign(body.Callback, {
      CallbackAt: dotNetDate(sentAt),
      CallbackStatusCode: lastStatus ?? 0,
      CallbackUrl: url,
      ErrorMessage: lastError,
      RetryCounter: number,
      ScheduledAt: dotNetDate(dueAt),
      UpdatedAt: dotNetDate(sentAt),
    } satisfies Partial<Body['Callback']>);
    return Buffer.from(JSON.stringify(body));
  },
  secretHeaders: [],
  schedule: twiceAfterFiveMinutes,
  timeoutMs: 5000,
};

function workflowStorage({ type, data }: DeliverableEvent): Body['Callback']['WorkflowStorage'] {
  if (type === 'endpoint.ping') return [{ Key: 'Message', Value: data.message }];
  const storage: Body['Callback']['WorkflowStorage'] = [
    { Key: 'ContainerId', Value: data.caseId },
    { Key: 'MergeContainers', Value: false },
  ];
  if (type === 'document.revised') storage.push({ Key: 'DocumentId', Value: data.uploadId });
  if (typeof data.reference === 'string') {
    storage.push({ Key: 'ClientApplicationReference', Value: data.reference });
  }
  return storage;
}

/** The workflow of a container from its submission to its result (TI-15). */
function referral(event: string, state: string): Workflow {
  return { event, name: 'AutoReferral', state, process: 'DataAccess.PublishDocumentContainer' };
}

/** The workflows for changes after the result (TI-16, TI-17). */
function update(event: string, name: string): Workflow {
  return { event, name, state: 'Stop', process: `DataAccess.${name}` };
}
