import { expect, test } from 'vitest';

import { tableOf, violationsOf } from './report.ts';
import type { Trial } from './submission-trial.ts';

const trial = (more: Partial<Trial>): Trial => ({
  name: 'scan.pdf',
  about: 'truncated',
  status: 202,
  code: null,
  retries: 0,
  caseId: null,
  stages: {},
  violation: null,
  ...more,
});

const trials = {
  trials: [
    trial({ caseId: 'one', retries: 2, stages: { classification: 'completed' } }),
    trial({ caseId: 'two', stages: { classification: 'DOCUMENT_UNREADABLE' } }),
    trial({ status: 422, code: 'DOCUMENT_EMPTY' }),
    trial({ status: 422, code: 'DOCUMENT_EMPTY' }),
  ],
  ends: [],
  peaks: new Map([['cases', 200 * 1024 * 1024]]),
};

test('the table counts accepted and refused files and the results of stages', () => {
  expect(
    tableOf(trials)
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['files', '4'],
    ['accepted', '2'],
    ['refused DOCUMENT_EMPTY', '2'],
    ['answered 503 with Retry-After', '2'],
    ['classification completed', '1'],
    ['classification DOCUMENT_UNREADABLE', '1'],
    ['restarts', '0'],
    ['memory of cases', '200 MB'],
  ]);
  expect(violationsOf(trials)).toEqual([]);
});

test('a server error, a process that ended and a process that grew are violations', () => {
  const violation = 'answered 500 INTERNAL';
  const bad = {
    trials: [...trials.trials, trial({ violation })],
    ends: ['cases ended (SIGKILL), and is started again in 0.5 s'],
    peaks: new Map([['forensics', 3 * 1024 ** 3]]),
  };
  expect(violationsOf(bad)).toEqual([
    '"scan.pdf" (truncated): answered 500 INTERNAL',
    'cases ended (SIGKILL), and is started again in 0.5 s',
    'forensics grew to 3072 MB',
  ]);
});
