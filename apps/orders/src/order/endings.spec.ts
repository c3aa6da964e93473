import { expect, test } from 'vitest';

import {
  after,
  approver,
  approving,
  brief,
  canceling,
  cancelingVerification,
  creating,
  deleting,
  happens,
  idOf,
  orderer,
  refusing,
  successful,
  verification,
} from '../../test/order-trial.ts';

const income = verification('income');
const created = creating(income);

test('an approval begins a verification, and a refusal cancels it', () => {
  const pending = creating(verification('income', { approval: 'any' }));
  expect(brief(after(pending, approving('income', orderer)).last)).toEqual([
    'pending-approval -> processing: APPROVED',
  ]);
  expect(brief(after(pending, refusing('income')).last)).toEqual([
    'pending-approval -> canceled: APPROVAL_REFUSED',
    'OrderStatusChanged canceled',
    'OrderCompleted canceled',
  ]);
  expect(() => after(pending, approving('income'), approving('income'))).toThrow(
    'the verification is processing; allowed now: submit_documents, cancel',
  );
});

test('a verification that needs another approver is not approved by who created the order', () => {
  const pending = creating(verification('income', { approval: 'another' }));
  for (const command of [approving('income', orderer), refusing('income', orderer)])
    expect(() => after(pending, command)).toThrow(
      expect.objectContaining({ code: 'APPROVER_NOT_ALLOWED' }),
    );
  expect(brief(after(pending, approving('income', approver)).last)).toHaveLength(1);
});

test('a canceled verification cancels the cases that are under way', () => {
  const { last } = after(created, happens.linked('a', 'income'), cancelingVerification('income'));
  expect(brief(last)).toEqual([
    'processing -> canceled: CANCELED',
    'task canceled: VERIFICATION_CLOSED',
    'CancelCase',
    'OrderStatusChanged canceled',
    'OrderCompleted canceled',
  ]);
  expect(last[2]).toMatchObject({ caseId: idOf('a'), requestedBy: orderer });
});

test('a canceled order cancels what is not completed', () => {
  const two = creating(income, verification('assets'));
  const { last } = after(two, ...successful('a', 'income'), canceling);
  expect(brief(last)).toEqual([
    'processing -> canceled: ORDER_CANCELED',
    'OrderStatusChanged completed',
    'OrderCompleted completed',
  ]);
  expect(after(two, canceling, canceling).last).toEqual([]);
  expect(() => after(created, ...successful('a', 'income'), canceling)).toThrow(
    expect.objectContaining({ code: 'ORDER_COMPLETED' }),
  );
});

test('a case that comes when its verification is closed is canceled', () => {
  const { last } = after(created, canceling, happens.linked('a', 'income'));
  expect(brief(last)).toEqual(['TaskCreated', 'task canceled: VERIFICATION_CLOSED', 'CancelCase']);
});

test('what comes after the end of a task changes nothing', () => {
  const ended = [created, happens.linked('a', 'income'), canceling];
  expect(brief(after(...ended, happens.canceled('a')).last)).toEqual([]);
  expect(brief(after(...ended, happens.completed('a')).last)).toEqual(['TaskCaseCompleted']);
  expect(brief(after(...ended, happens.assessed('a')).last)).toEqual(['TaskDocumentAssessed']);
});

test('what comes twice changes nothing', () => {
  const commands = [created, ...successful('a', 'income')];
  for (const command of commands.slice(1)) expect(after(...commands, command).last).toEqual([]);
  expect(after(created, happens.erased('unknown')).last).toEqual([]);
  expect(after(created, happens.linked('a', 'unknown')).last).toEqual([]);
});

test('a case that is canceled by others is a task without success', () => {
  const { last } = after(created, happens.linked('a', 'income'), happens.canceled('a'));
  expect(brief(last)).toEqual([
    'task canceled: CASE_CANCELED',
    'processing -> action-required: CASE_CANCELED',
  ]);
});

test('an erased case is removed, and its verification changes by the table', () => {
  const linked = [created, happens.linked('a', 'income')];
  expect(brief(after(...linked, happens.erased('a')).last)).toEqual([
    'task removed',
    'processing -> action-required: CASE_ERASED',
  ]);
  const completed = [created, ...successful('a', 'income')];
  expect(brief(after(...completed, happens.erased('a')).last)).toEqual([
    'task removed',
    'completed -> invalid: CASE_ERASED',
    'OrderStatusChanged failed',
  ]);
  const twice = [...completed, ...successful('b', 'income')];
  expect(brief(after(...twice, happens.erased('a')).last)).toEqual(['task removed']);
});

test('a deleted order deletes its cases, also one that comes later', () => {
  const { last } = after(created, happens.linked('a', 'income'), deleting);
  expect(brief(last)).toEqual(['OrderDeleted', 'DeleteCase']);
  expect(after(created, deleting, deleting).last).toEqual([]);
  expect(brief(after(created, deleting, happens.linked('b', 'income')).last)).toEqual([
    'DeleteCase',
  ]);
  expect(after(created, happens.linked('a', 'income'), deleting, happens.erased('a')).last).toEqual(
    [],
  );
  expect(() => after(created, deleting, canceling)).toThrow(
    expect.objectContaining({ code: 'ORDER_DELETED' }),
  );
});

test('a verification that the order does not have is unknown', () => {
  expect(() => after(created, cancelingVerification('unknown'))).toThrow(
    expect.objectContaining({ code: 'VERIFICATION_UNKNOWN' }),
  );
});
