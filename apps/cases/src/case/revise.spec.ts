import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import {
  after,
  allFinished,
  canceling,
  context,
  deleting,
  finished,
  refreshing,
  reviewer,
  submitting,
  types,
  upload,
} from '../../test/case-trial.ts';
import type { CaseCommand } from './case-command.ts';

const one = upload(['extraction']);
const completed = [submitting([one]), ...allFinished(one)];
const revisingCase: CaseCommand = {
  type: 'ReviseCase',
  fields: ['reference'],
  by: reviewer,
  ...context(),
};
const advancing: CaseCommand = { type: 'AdvanceTime', seconds: 60, ...context() };

test('revisions of a case rise by one, and say whether the result was ready', () => {
  const { events } = after(submitting([one]), revisingCase, ...allFinished(one), revisingCase);
  expect(events.filter(({ type }) => type === 'CaseRevised')).toMatchObject([
    { revision: 2, afterResult: false, fields: ['reference'], revisedBy: reviewer },
    { revision: 3, afterResult: true },
  ]);
});

test('a further upload does not make the result unread: a revision after it is one after the result', () => {
  const { last } = after(...completed, submitting([upload()]), revisingCase);
  expect(last).toMatchObject([{ afterResult: true }]);
});

test('a correction follows the last version, also one by a refresh', () => {
  const revising: CaseCommand = {
    type: 'ReviseDocument',
    correction: { uploadId: one.id, fields: ['surname'] },
    by: reviewer,
    ...context(),
  };
  const refreshed = [
    refreshing(randomUUID(), ['extraction']),
    finished(one.id, 'extraction', { run: 2 }),
  ];
  const { last } = after(...completed, revising, ...refreshed, revising);
  expect(last).toMatchObject([{ type: 'DocumentRevised', version: 4 }]);
});

test('a document of another case cannot be corrected', () => {
  const correction = { uploadId: randomUUID(), fields: ['surname'] };
  expect(() =>
    after(...completed, { type: 'ReviseDocument', correction, by: reviewer, ...context() }),
  ).toThrow(expect.objectContaining({ field: 'uploadId' }));
});

test('time advances for a case that is open, and for no other one', () => {
  expect(after(submitting([one]), advancing).last).toMatchObject([
    { type: 'TimeAdvanced', seconds: 60 },
  ]);
  expect(after(submitting([one]), canceling, advancing).last).toEqual([]);
  expect(after(submitting([one]), deleting, advancing).last).toEqual([]);
});

test('a deletion ends a refresh: its results are late', () => {
  const { last } = after(
    ...completed,
    refreshing(randomUUID(), ['extraction']),
    deleting,
    finished(one.id, 'extraction', { run: 2 }),
  );
  expect(types(last)).toEqual(['LateResultReceived extraction']);
});
