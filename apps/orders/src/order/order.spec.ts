import { expect, test } from 'vitest';

import {
  after,
  brief,
  byMethod,
  cancelingVerification,
  creating,
  happens,
  idOf,
  informing,
  now,
  successful,
  verification,
} from '../../test/order-trial.ts';

const income = verification('income');
const created = creating(income);

test('an order is created before its verifications take their first states', () => {
  const pending = verification('assets', { approval: 'any' });
  expect(brief(after(creating(income, pending)).events)).toEqual([
    'OrderCreated',
    'none -> processing: ORDER_CREATED',
    'none -> pending-approval: APPROVAL_REQUIRED',
  ]);
});

test('events of one decision are a millisecond apart', () => {
  const { events } = after(created, ...successful('case', 'income'));
  const times = events.map(({ at }) => Date.parse(at));
  expect(times).toEqual(times.map((_, i) => now.getTime() + i));
});

test('a case with a verified document of an ordered type completes its verification and the order', () => {
  const { last, state } = after(created, ...successful('case', 'income'));
  expect(brief(last)).toEqual([
    'TaskCaseCompleted',
    'task succeeded',
    'processing -> completed: TASK_SUCCEEDED',
    'OrderStatusChanged completed',
    'report, order completed',
    'OrderCompleted completed',
  ]);
  expect(last.at(-1)).toMatchObject({
    results: [{ verificationId: idOf('income'), state: 'completed', caseIds: [idOf('case')] }],
  });
  expect(state.reports).toBe(1);
});

test('the first case sets the order to processing', () => {
  const { last } = after(created, happens.linked('case', 'income'));
  expect(brief(last)).toEqual(['TaskCreated', 'task processing', 'OrderStatusChanged processing']);
});

test('an order is completed when its last verification is completed or canceled', () => {
  const two = creating(income, verification('assets'));
  const first = after(two, ...successful('a', 'income'));
  expect(brief(first.last).slice(-2)).toEqual([
    'processing -> completed: TASK_SUCCEEDED',
    'report, order processing',
  ]);
  const { last } = after(two, ...successful('a', 'income'), cancelingVerification('assets'));
  expect(brief(last)).toEqual([
    'processing -> canceled: CANCELED',
    'OrderStatusChanged completed',
    'OrderCompleted completed',
  ]);
});

test('each further successful case of a completed verification makes a further report', () => {
  const commands = [created, ...successful('a', 'income'), ...successful('b', 'income')];
  const { events, last } = after(...commands);
  expect(brief(last)).toEqual(['TaskCaseCompleted', 'task succeeded', 'report, order completed']);
  const reports = events.flatMap((event) =>
    event.type === 'ReportCreated' ? [event.reportId] : [],
  );
  expect(new Set(reports).size).toBe(2);
});

test('a case without success makes documents required; the next case resumes the verification', () => {
  const trial = [
    created,
    happens.linked('a', 'income'),
    happens.assessed('a', 'verified', 'passport'),
    happens.completed('a'),
  ];
  expect(brief(after(...trial).last)).toEqual([
    'TaskCaseCompleted',
    'task failed: DOCUMENT_TYPE_MISSING',
    'processing -> action-required: TASK_FAILED',
  ]);
  expect(brief(after(...trial, happens.linked('b', 'income')).last)).toEqual([
    'TaskCreated',
    'task processing',
    'action-required -> processing: CASE_SUBMITTED',
  ]);
});

test('while another case is under way, a case without success changes no verification', () => {
  const trial = [created, happens.linked('a', 'income'), happens.linked('b', 'income')];
  expect(brief(after(...trial, happens.completed('a', 'failed')).last)).toEqual([
    'TaskCaseCompleted',
    'task failed: CASE_FAILED',
  ]);
});

test('a case without success ends an instant verification', () => {
  const trial = [creating(byMethod('instant')), happens.linked('a', 'instant')];
  expect(brief(after(...trial, happens.completed('a', 'failed')).last)).toEqual([
    'TaskCaseCompleted',
    'task failed: CASE_FAILED',
    'processing -> canceled: TASK_FAILED',
    'OrderStatusChanged canceled',
    'OrderCompleted canceled',
  ]);
});

test('an instant verification does not wait for a reviewer who requests documents', () => {
  const trial = [creating(byMethod('instant')), happens.linked('a', 'instant')];
  expect(brief(after(...trial, happens.actionRequired('a')).last)).toEqual([
    'task action_required: MORE_DOCUMENTS_REQUESTED',
    'processing -> canceled: MORE_DOCUMENTS_REQUESTED',
    'task canceled: VERIFICATION_CLOSED',
    'CancelCase',
    'OrderStatusChanged canceled',
    'OrderCompleted canceled',
  ]);
});

test('a reviewer who requests documents makes them required, and they resume the verification', () => {
  const trial = [creating(byMethod('outreach')), happens.linked('a', 'outreach')];
  const waiting = [...trial, happens.actionRequired('a')];
  expect(brief(after(...waiting).last)).toEqual([
    'task action_required: MORE_DOCUMENTS_REQUESTED',
    'processing -> action-required: MORE_DOCUMENTS_REQUESTED',
  ]);
  expect(brief(after(...waiting, happens.uploadReceived('a')).last)).toEqual([
    'task processing',
    'action-required -> processing: DOCUMENTS_RECEIVED',
  ]);
});

test('information resumes a verification that requires it', () => {
  const trial = [created, happens.linked('a', 'income'), happens.completed('a', 'failed')];
  expect(brief(after(...trial, informing('income')).last)).toEqual([
    'InformationGiven',
    'action-required -> processing: INFORMATION_GIVEN',
  ]);
  expect(() => after(created, informing('income'))).toThrow(
    expect.objectContaining({
      code: 'TRANSITION_NOT_ALLOWED',
      message: 'the verification is processing; allowed now: submit_documents, cancel',
    }),
  );
});

test.each([
  ['a document that was rejected', happens.assessed('a', 'rejected'), 'DOCUMENT_REJECTED'],
  ['a reviewer who rejected the case', happens.reviewed('a', 'rejected'), 'REVIEW_REJECTED'],
])('%s makes the verification invalid, and the order fails', (_, cause, reason) => {
  const { last } = after(created, happens.linked('a', 'income'), cause, happens.completed('a'));
  expect(brief(last)).toEqual([
    'TaskCaseCompleted',
    `task rejected: ${reason}`,
    'processing -> invalid: TASK_REJECTED',
    'OrderStatusChanged failed',
  ]);
});

test('an order with an invalid verification completes when that one is canceled', () => {
  const { last } = after(
    created,
    happens.linked('a', 'income'),
    happens.assessed('a', 'rejected'),
    happens.completed('a'),
    cancelingVerification('income'),
  );
  expect(brief(last)).toEqual([
    'invalid -> canceled: CANCELED',
    'OrderStatusChanged canceled',
    'OrderCompleted canceled',
  ]);
});

test('a task that failed succeeds by further documents, or by a reviewer', () => {
  const failed = [
    created,
    happens.linked('a', 'income'),
    happens.assessed('a', 'review'),
    happens.completed('a'),
  ];
  const completed = [
    'task succeeded',
    'action-required -> completed: TASK_SUCCEEDED',
    'OrderStatusChanged completed',
    'report, order completed',
    'OrderCompleted completed',
  ];
  expect(brief(after(...failed).last)).toContain('task failed: DOCUMENT_NOT_VERIFIED');
  expect(brief(after(...failed, happens.reviewed('a', 'approved')).last)).toEqual([
    'TaskReviewed',
    ...completed,
  ]);
  expect(brief(after(...failed, happens.assessed('a', 'verified')).last)).toEqual([
    'TaskDocumentAssessed',
    ...completed,
  ]);
});

test('results that are rejected later make a completed verification invalid, unless another case has results', () => {
  const completed = [created, ...successful('a', 'income')];
  expect(brief(after(...completed, happens.reviewed('a', 'rejected')).last)).toEqual([
    'TaskReviewed',
    'task rejected: REVIEW_REJECTED',
    'completed -> invalid: TASK_REJECTED',
    'OrderStatusChanged failed',
  ]);
  const twice = [...completed, ...successful('b', 'income')];
  expect(brief(after(...twice, happens.reviewed('a', 'rejected')).last)).toEqual([
    'TaskReviewed',
    'task rejected: REVIEW_REJECTED',
  ]);
});
