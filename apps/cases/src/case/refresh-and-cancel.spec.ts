import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import {
  after,
  allFinished,
  canceling,
  closing,
  context,
  deleting,
  finished,
  later,
  opening,
  refreshing,
  resolving,
  reviewer,
  submitting,
  types,
  upload,
} from '../../test/case-trial.ts';
import type { CaseCommand } from './case-command.ts';
import { runIdOf } from './decision.ts';
import { CommandInvalid } from './refusals.ts';

const one = upload(['extraction', 'forensics']);
const completed = [submitting([one]), ...allFinished(one)];
const id = randomUUID();

test('a refresh runs classification first and the features after it, with new run numbers', () => {
  const { last } = after(...completed, refreshing(id));
  expect(types(last)).toEqual(['RefreshRequested', 'StageRequested classification']);
  expect(last[1]).toMatchObject({ run: 2, runId: runIdOf(one.id, 'classification', 2) });
  const next = after(...completed, refreshing(id), finished(one.id, 'classification', { run: 2 }));
  expect(types(next.last)).toEqual([
    'RefreshRunCompleted classification',
    'StageRequested extraction',
    'StageRequested forensics',
  ]);
});

test('the results of a refresh count when all of its runs have completed, and never a stage event again', () => {
  const commands = [...completed, refreshing(id, ['extraction', 'forensics'])];
  const half = after(...commands, finished(one.id, 'extraction', { run: 2 }));
  expect(half.state.uploads.get(one.id)?.runs.get('extraction')?.run).toBe(1);
  const whole = after(
    ...commands,
    finished(one.id, 'extraction', { run: 2 }),
    finished(one.id, 'forensics', { run: 2 }),
  );
  expect(types(whole.last)).toEqual(['RefreshRunCompleted forensics', 'RefreshCompleted']);
  const { runs, extractionVersion } = whole.state.uploads.get(one.id)!;
  expect([runs.get('extraction')?.run, runs.get('forensics')?.run]).toEqual([2, 2]);
  expect(extractionVersion).toBe(2);
});

test('a failed refresh leaves the results before, and its other runs are late then', () => {
  const commands = [...completed, refreshing(id, ['extraction', 'forensics'])];
  const failed = after(...commands, finished(one.id, 'extraction', { run: 2, status: 'failed' }));
  expect(failed.last).toMatchObject([
    { type: 'RefreshRunFailed' },
    {
      type: 'RefreshFailed',
      failure: { uploadId: one.id, stage: 'extraction', code: 'DOCUMENT_UNREADABLE' },
    },
  ]);
  expect(failed.state.uploads).toEqual(
    new Map([
      [
        one.id,
        {
          ...after(...completed).state.uploads.get(one.id)!,
          lastRun: failed.state.uploads.get(one.id)!.lastRun,
        },
      ],
    ]),
  );
  const late = after(
    ...commands,
    finished(one.id, 'extraction', { run: 2, status: 'failed' }),
    finished(one.id, 'forensics', { run: 2 }),
  );
  expect(types(late.last)).toEqual(['LateResultReceived forensics']);
});

test('a late result of the first run changes nothing during a refresh', () => {
  const { last } = after(
    ...completed,
    refreshing(id, ['extraction']),
    finished(one.id, 'extraction', { status: 'failed' }),
  );
  expect(types(last)).toEqual(['LateResultReceived extraction']);
});

test('a refresh that changes the verdict leads to another assessment', () => {
  const { last } = after(
    ...completed,
    refreshing(id, ['forensics']),
    finished(one.id, 'forensics', {
      run: 2,
      facts: { stage: 'forensics', verdict: 'fail', findings: [], passedChecks: [] },
    }),
  );
  expect(last.at(-1)).toMatchObject({
    type: 'DocumentAssessed',
    assessment: { number: 2, verdict: 'rejected', reasons: ['tampering_detected'] },
  });
});

test('a refresh of a stage that failed repairs the result of the case', () => {
  const failing = upload(['extraction'], false);
  const { last } = after(
    submitting([failing]),
    finished(failing.id, 'extraction', { status: 'failed' }),
    refreshing(id),
    finished(failing.id, 'extraction', { run: 2 }),
  );
  expect(last.at(-1)).toMatchObject({ type: 'RefreshCompleted', result: 'succeeded' });
});

test('a refresh that is requested again with its id changes nothing, even after it ended', () => {
  expect(after(...completed, refreshing(id), refreshing(id)).last).toEqual([]);
  const done = [refreshing(id, ['extraction']), finished(one.id, 'extraction', { run: 2 })];
  expect(after(...completed, ...done, refreshing(id, ['extraction'])).last).toEqual([]);
});

test.each<[string, CaseCommand[], string]>([
  ['during another refresh', [...completed, refreshing(id)], 'REFRESH_IN_PROGRESS'],
  ['while a stage has not ended', [submitting([one])], 'RUN_IN_PROGRESS'],
  ['after the cancellation', [submitting([one]), canceling], 'CASE_CANCELED'],
  ['after the deletion', [...completed, deleting], 'CASE_DELETED'],
])('a refresh %s is refused, and says what is allowed', (_, commands, code) => {
  expect(() => after(...commands, refreshing(randomUUID()))).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('; allowed now: ') }),
  );
});

test.each<[string, CaseCommand[], boolean]>([
  ['before the first stage ended', [submitting([one])], false],
  ['when one stage ended', [submitting([one]), finished(one.id, 'classification')], true],
  [
    'during a refresh',
    [submitting([one]), finished(one.id, 'classification'), refreshing(id, ['classification'])],
    false,
  ],
])('%s a refusal lists a refresh only if a stage can run again', (_, commands, isListed) => {
  expect(() => after(...commands, closing)).toThrow(
    isListed ? /\brefresh\b/ : /^(?!.*\brefresh\b)/,
  );
});

test('an ended stage runs again while others still run', () => {
  const { last } = after(
    submitting([one]),
    finished(one.id, 'classification'),
    finished(one.id, 'forensics'),
    refreshing(id, ['forensics']),
  );
  expect(types(last)).toEqual(['RefreshRequested', 'StageRequested forensics']);
});

test('a refresh of what the case does not have is refused, naming the field', () => {
  expect(() => after(...completed, refreshing(id, ['extraction', 'translation']))).toThrow(
    expect.objectContaining({ field: 'stages.1' }),
  );
  expect(() => after(...completed, refreshing(id, null, [randomUUID()]))).toThrow(CommandInvalid);
});

test('a refresh does not delay the completion', () => {
  const reviewId = randomUUID();
  const { last } = after(
    submitting([one]),
    opening(reviewId),
    ...allFinished(one),
    refreshing(id),
    resolving(reviewId, 'approved'),
  );
  expect(types(last)).toEqual(['ReviewResolved', 'CaseCompleted']);
});

test('a run of a refresh that will have no result fails the refresh', () => {
  const failing: CaseCommand = {
    type: 'FailRun',
    runId: runIdOf(one.id, 'extraction', 2),
    failure: { code: 'DEADLINE_EXCEEDED', detail: '' },
    ...context(),
  };
  const { last } = after(...completed, refreshing(id, ['extraction']), failing);
  expect(types(last)).toEqual(['RefreshRunFailed extraction', 'RefreshFailed']);
});

test('a canceled case ends its runs and its review, and its results are late', () => {
  const reviewId = randomUUID();
  const commands = [submitting([one]), opening(reviewId), canceling];
  expect(after(...commands).last).toMatchObject([
    { type: 'ReviewCanceled', reviewId },
    { type: 'CaseCanceled', canceledBy: reviewer },
  ]);
  expect(after(...commands).status).toBe('canceled');
  expect(types(after(...commands, finished(one.id, 'classification')).last)).toEqual([
    'LateResultReceived classification',
  ]);
  expect(after(...commands, canceling).last).toEqual([]);
});

test.each<[string, CaseCommand, string]>([
  ['an upload', submitting([upload()]), 'CASE_CANCELED'],
  ['a review', opening(randomUUID()), 'CASE_CANCELED'],
  [
    'a revision',
    { type: 'ReviseCase', fields: ['reference'], by: reviewer, ...context() },
    'CASE_CANCELED',
  ],
])('a canceled case refuses %s', (_, command, code) => {
  expect(() => after(submitting([one]), canceling, command)).toThrow(
    expect.objectContaining({ code, message: 'the case was canceled; allowed now: delete' }),
  );
});

test('a completed case cannot be canceled, and says what it allows', () => {
  expect(() => after(...completed, canceling)).toThrow(
    expect.objectContaining({
      code: 'CASE_COMPLETED',
      message:
        'the case is completed already; allowed now: upload, open_review, revise, refresh, delete',
    }),
  );
});

test('a revision after the result is marked so, and versions rise by one', () => {
  const revising: CaseCommand = {
    type: 'ReviseDocument',
    correction: { uploadId: one.id, fields: ['surname'] },
    by: reviewer,
    ...context(),
  };
  const { events } = after(...completed, revising, revising);
  expect(events.filter(({ type }) => type === 'DocumentRevised')).toMatchObject([
    { version: 2, afterResult: true, revisedAt: later.toISOString() },
    { version: 3, afterResult: true },
  ]);
  expect(() => after(submitting([one]), revising)).toThrow(
    expect.objectContaining({ code: 'NO_EXTRACTION' }),
  );
});
