import { expect, test } from 'vitest';

import { firstSentAt, requestOf, url } from '../test/golden/golden-request.ts';
import { sampleEvents } from '../test/golden/sample-events.ts';
import type { DeliverableEvent } from './dialect.ts';
import { delayAfter } from './retry-schedule.ts';
import { trustid } from './trustid.dialect.ts';

interface Body {
  Callback: Record<string, unknown> & { WorkflowStorage: { Key: string; Value: unknown }[] };
  Response: { ContainerId: unknown };
}
const named = (label: string): DeliverableEvent => sampleEvents.get(label)!;
const bodyOf = (label: string, attempt: 1 | 2 = 1) =>
  JSON.parse(requestOf(trustid, named(label), attempt).body.toString()) as Body;
const storageOf = (label: string) =>
  Object.fromEntries(bodyOf(label).Callback.WorkflowStorage.map(({ Key, Value }) => [Key, Value]));

const events = [
  ['part of TI-3:', 'case.completed', 'ResultNotification', 'AutoReferral', 'Stop'],
  ['part of TI-5:', 'case.submitted', 'ContainerSubmitted', 'AutoReferral', 'Start'],
  [
    'part of TI-6:',
    'review.opened.unprocessable',
    'ContainerSentToReview',
    'AutoReferral',
    'WaitingForReferralCompletion',
  ],
  ['part of TI-7:', 'document.revised', 'DocumentModifiedPostResult', 'UpdateDocument', 'Stop'],
  [
    'part of TI-8:',
    'case.revised',
    'ContainerModifiedPostResult',
    'UpdateDocumentContainer',
    'Stop',
  ],
] as const;
const labels = events.map(([, label]) => label);

test.each(events)('TI-14 %s %s is %s: workflow %s, state %s', (_, label, name, workflow, state) => {
  expect(trustid.nameOf(named(label))).toBe(name);
  expect(trustid.eventNames!.get(name)).toEqual([named(label).type]);
  const { Callback: callback } = bodyOf(label);
  expect([callback.WorkflowName, callback.WorkflowState]).toEqual([workflow, state]);
});

test('the names are the five events of the document', () => {
  expect([...trustid.eventNames!.keys()].toSorted()).toEqual(
    events.map(([, , name]) => name).toSorted(),
  );
});

test.each([
  ['unprocessable', 'ContainerSentToReview'],
  ['low_confidence', 'ContainerSentToReview'],
  ['fields_missing', 'ContainerSentToReview'],
  ['verdict', null],
  ['manual', null],
])('part of TI-6: a review with the cause %s has the name %s', (cause, name) => {
  expect(trustid.nameOf(named(`review.opened.${cause}`))).toBe(name);
});

test.each([
  'document.assessed.rejected',
  'review.assigned',
  'review.resolved.by-key',
  'case.action_required',
  'case.canceled',
  'case.refresh.completed',
  'case.refresh.failed',
])('TrustID has no name for %s', (label) => {
  expect(trustid.nameOf(named(label))).toBeNull();
});

test.each(labels)(
  'TI-11 the body of %s has Callback and Response, and Response has the container',
  (label) => {
    expect(Object.keys(bodyOf(label))).toEqual(['Callback', 'Response']);
    expect(bodyOf(label).Response).toEqual({ ContainerId: named(label).data.caseId });
  },
);

test.each(labels)(
  'TI-12 TI-14 Callback of %s has the documented properties in their order',
  (label) => {
    expect(Object.keys(bodyOf(label).Callback)).toEqual([
      'Aborted',
      'CallbackAt',
      'CallbackId',
      'CallbackStatusCode',
      'CallbackUrl',
      'ErrorMessage',
      'ProcessName',
      'RetryCounter',
      'ScheduledAt',
      'State',
      'UpdatedAt',
      'WorkflowName',
      'WorkflowState',
      'WorkflowStorage',
    ]);
  },
);

test('TI-12 the first attempt has the values of the sample', () => {
  expect(bodyOf('case.completed').Callback).toMatchObject({
    Aborted: false,
    CallbackId: named('case.completed').id,
    CallbackStatusCode: 0,
    CallbackUrl: url,
    ErrorMessage: null,
    ProcessName: 'DataAccess.PublishDocumentContainer',
    RetryCounter: 1,
    State: 5,
  });
});

test('TI-13 dates are /Date(milliseconds+zone)/', () => {
  const { CallbackAt, ScheduledAt, UpdatedAt } = bodyOf('case.completed').Callback;
  for (const date of [CallbackAt, ScheduledAt, UpdatedAt]) {
    expect(date).toMatch(/^\/Date\(\d{13}[+-]\d{4}\)\/$/);
  }
  expect(CallbackAt).toBe(`/Date(${firstSentAt.getTime()}+0000)/`);
  expect(ScheduledAt).toBe(`/Date(${firstSentAt.getTime() - 40}+0000)/`);
});

test('part of TI-15: a case is in AutoReferral from its submission on', () => {
  for (const label of ['case.submitted', 'review.opened.unprocessable', 'case.completed']) {
    expect(bodyOf(label).Callback.WorkflowName).toBe('AutoReferral');
  }
});

test('part of TI-16 TI-17: a change after the result is in the workflow of the changed document or case', () => {
  expect(bodyOf('case.revised').Callback.ProcessName).toBe('DataAccess.UpdateDocumentContainer');
  expect(bodyOf('document.revised').Callback.ProcessName).toBe('DataAccess.UpdateDocument');
  expect(storageOf('document.revised').DocumentId).toBe(named('document.revised').data.uploadId);
});

test('part of TI-18: a finished workflow is in the state Stop', () => {
  for (const label of ['case.completed', 'document.revised', 'case.revised']) {
    expect(bodyOf(label).Callback.WorkflowState).toBe('Stop');
  }
});

test.each(labels)(
  'TI-19 WorkflowStorage of %s starts with ContainerId and MergeContainers',
  (label) => {
    expect(bodyOf(label).Callback.WorkflowStorage.slice(0, 2)).toEqual([
      { Key: 'ContainerId', Value: named(label).data.caseId },
      { Key: 'MergeContainers', Value: false },
    ]);
  },
);

test('TI-20 ClientApplicationReference is the reference of the case; without one it is absent', () => {
  expect(storageOf('case.submitted.with-reference').ClientApplicationReference).toBe('ref "ñ" 1');
  expect(storageOf('case.submitted')).not.toHaveProperty('ClientApplicationReference');
});

test('TI-21 Response.ContainerId is the id of the case', () => {
  expect(bodyOf('case.completed').Response.ContainerId).toBe(named('case.completed').data.caseId);
});

test('TI-22 CallbackUrl is exactly the given URL, including a trailing slash', () => {
  expect(bodyOf('case.completed').Callback.CallbackUrl).toBe(
    'https://receiver.example/hooks/48cc6c7c-2e59-434c-9844-2ac21383a2a5/',
  );
});

test('TI-23 a failed attempt is repeated after exactly 5 minutes', () => {
  for (const random of [0, 0.5, 0.999]) {
    expect(delayAfter(trustid.schedule, 1, random)).toBe(300_000);
    expect(delayAfter(trustid.schedule, 2, random)).toBe(300_000);
  }
});

test('TI-24 the third attempt is the last', () => {
  expect(delayAfter(trustid.schedule, 3, 0.5)).toBeNull();
});

test('TI-25 an attempt may take 5 s', () => {
  expect(trustid.timeoutMs).toBe(5000);
});

test('TI-26 a retry has the same CallbackId, a higher RetryCounter, and the result of the previous attempt', () => {
  const [first, second] = [bodyOf('case.completed').Callback, bodyOf('case.completed', 2).Callback];
  expect(second.CallbackId).toBe(first.CallbackId);
  expect([first.RetryCounter, second.RetryCounter]).toEqual([1, 2]);
  expect([second.CallbackStatusCode, second.ErrorMessage]).toEqual([503, 'HTTP_503']);
  const ofTheAttempt = new Set([
    'CallbackAt',
    'CallbackStatusCode',
    'ErrorMessage',
    'RetryCounter',
    'ScheduledAt',
    'UpdatedAt',
  ]);
  const changed = Object.keys(first).filter(
    (key) => JSON.stringify(first[key]) !== JSON.stringify(second[key]),
  );
  expect(changed).toEqual([...ofTheAttempt]);
});
