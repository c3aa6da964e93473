import { expect, test } from 'vitest';

import {
  after,
  brief,
  commandId,
  creating,
  deleting,
  happens,
  idOf,
  orderer,
  refreshing,
  successful,
  verification,
} from '../../test/order-trial.ts';

const created = creating(verification('income'), verification('assets'));
const completed = [created, ...successful('a', 'income')];
const requested = [...completed, refreshing()];
const refreshOfCase = commandId(after(...requested));

test('a refresh runs the cases of the successful tasks again', () => {
  const { last } = after(...requested);
  expect(brief(last)).toEqual(['RefreshRequested', 'task refreshing', 'RefreshCase']);
  expect(last.at(-1)).toMatchObject({ caseId: idOf('a'), requestedBy: orderer });
});

test('a refresh that completed makes a report with an id of its own', () => {
  const { last, events } = after(...requested, happens.refreshCompleted('a', refreshOfCase));
  expect(brief(last)).toEqual([
    'task succeeded',
    'TaskRefreshEnded',
    'refresh completed',
    'report, order processing',
  ]);
  const reports = events.flatMap((event) =>
    event.type === 'ReportCreated' ? [event.reportId] : [],
  );
  expect(new Set(reports).size).toBe(2);
});

test('a refresh that failed says why, and the results before stay', () => {
  const failed = after(...requested, happens.refreshFailed('a', refreshOfCase));
  expect(brief(failed.last)).toEqual([
    'task refresh_failed: DEADLINE_EXCEEDED',
    'refresh failed: DEADLINE_EXCEEDED',
    'TaskRefreshEnded',
    'refresh failed',
  ]);
  expect(failed.state.verifications.get(idOf('income'))!.state).toBe('completed');
});

test('a refresh that cases refuse fails with the code of the refusal', () => {
  const { last } = after(...requested, happens.commandRefused('a', refreshOfCase));
  expect(brief(last)).toContain('refresh failed: RUN_IN_PROGRESS');
});

test('a refresh ends with its last task, as failed if one failed', () => {
  const both = [created, ...successful('a', 'income'), ...successful('b', 'assets'), refreshing()];
  const [first, second] = after(...both).last.flatMap((event) =>
    event.type === 'CaseCommandIssued' ? [event.commandId] : [],
  );
  const one = [...both, happens.refreshFailed('a', first!)];
  expect(brief(after(...one).last)).not.toContain('refresh failed');
  expect(brief(after(...one, happens.refreshCompleted('b', second!)).last)).toContain(
    'refresh failed',
  );
});

test('only completed verifications are refreshed', () => {
  expect(() => after(created, refreshing())).toThrow(
    expect.objectContaining({ code: 'NOTHING_TO_REFRESH' }),
  );
  expect(() => after(...completed, refreshing('refresh', ['assets']))).toThrow(
    expect.objectContaining({ code: 'TRANSITION_NOT_ALLOWED' }),
  );
  expect(brief(after(...completed, refreshing('refresh', ['income'])).last)).toHaveLength(3);
});

test('one refresh runs at a time, and a repeated request changes nothing', () => {
  expect(after(...requested, refreshing()).last).toEqual([]);
  expect(() => after(...requested, refreshing('another'))).toThrow(
    expect.objectContaining({ code: 'REFRESH_IN_PROGRESS' }),
  );
  const ended = [...requested, happens.refreshFailed('a', refreshOfCase)];
  expect(brief(after(...ended, refreshing('another')).last)).toContain('RefreshCase');
});

test('results of a refresh that are rejected make the verification invalid', () => {
  const refreshed = [...requested, happens.refreshCompleted('a', refreshOfCase)];
  expect(brief(after(...refreshed, happens.assessed('a', 'rejected')).last)).toEqual([
    'TaskDocumentAssessed',
    'task rejected: DOCUMENT_REJECTED',
    'completed -> invalid: TASK_REJECTED',
  ]);
});

test('a task that is rejected during its refresh makes no report by it', () => {
  const rejected = [...requested, happens.reviewed('a', 'rejected')];
  const { last } = after(...rejected, happens.refreshCompleted('a', refreshOfCase));
  expect(brief(last)).toEqual(['TaskRefreshEnded', 'refresh completed']);
});

test('a refresh of a case that is erased or canceled meanwhile fails', () => {
  expect(brief(after(...requested, happens.erased('a')).last)).toEqual([
    'task refresh_failed: CASE_ERASED',
    'refresh failed: CASE_ERASED',
    'TaskRefreshEnded',
    'refresh failed',
    'task removed',
    'completed -> invalid: CASE_ERASED',
  ]);
  expect(brief(after(...requested, happens.canceled('a')).last)).toContain(
    'refresh failed: CASE_CANCELED',
  );
});

test('a refresh that the order did not request makes no report', () => {
  expect(after(...completed, happens.refreshCompleted('a', idOf('other'))).last).toEqual([]);
  expect(after(...completed, happens.refreshFailed('a', idOf('other'))).last).toEqual([]);
});

test('a refresh that the order did not request can make a task successful', () => {
  const failed = [
    created,
    happens.linked('a', 'income'),
    happens.assessed('a'),
    happens.completed('a', 'partially_failed'),
  ];
  const { last } = after(...failed, happens.refreshCompleted('a', idOf('other')));
  expect(brief(last)).toContain('task succeeded');
});

test('what a refresh of a deleted order brings changes nothing', () => {
  expect(after(...requested, deleting, happens.refreshCompleted('a', refreshOfCase)).last).toEqual(
    [],
  );
});
