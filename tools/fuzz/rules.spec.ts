import { describe, expect, test } from 'vitest';

import { Findings } from './findings.ts';
import { faultsOfLog } from './log-rules.ts';
import { leftBehind } from './resources.ts';
import { faultsOf } from './response-rules.ts';

const problem = (status: number, detail = 'x') => ({
  status,
  headers: { 'content-type': 'application/problem+json' } as Record<string, string>,
  body: JSON.stringify({
    type: 'urn:casewire:problem:x',
    title: 'x',
    status,
    code: 'X',
    detail,
    requestId: 'x',
  }),
});

describe('a response', () => {
  test.each([200, 204, 400, 405, 413, 507])('of status %i is allowed', (status) => {
    expect(faultsOf(problem(status), '')).toEqual([]);
  });

  test('of status 503 is allowed only with Retry-After', () => {
    const response = problem(503);
    expect(faultsOf(response, '')).toEqual(['a status 503']);
    expect(
      faultsOf({ ...response, headers: { ...response.headers, 'retry-after': '2' } }, ''),
    ).toEqual([]);
  });

  test.each([500, 501, 502])('of status %i is a fault', (status) => {
    expect(faultsOf(problem(status), '')).toEqual([`a status ${status}`]);
  });

  test.each([
    ['a stack', 'Error: x\n    at run (file:///work/a.js:1:2)'],
    ['a source file', 'thrown in problem.filter.ts:20'],
    ['a path of the file system', 'no such file: /tmp/incoming/x'],
    ['SQL', 'select id from reference_record where true'],
    ['a connection string', 'postgres://a:b@c/d'],
  ])('with %s is a fault', (what, detail) => {
    expect(faultsOf(problem(400, detail), '')).toContain(`${what} in a response`);
  });

  test('may repeat texts of the request', () => {
    expect(faultsOf(problem(400, 'no such file: /tmp/mine'), 'GET /x?file=/tmp/mine')).toEqual([]);
  });

  test('whose problem has another form is a fault', () => {
    expect(faultsOf({ ...problem(400), body: '{"message":"no"}' }, '')).toEqual([
      'a problem that does not match its schema',
    ]);
  });
});

test.each([
  [
    'cases ended (exit code 1), and is started again in 0.5 s',
    'a process was started again, by the log',
  ],
  ['TypeError: x is not a function', 'an uncaught exception, by the log'],
  ['Error [ERR_HTTP_TRAILER_INVALID]: Trailers are invalid', 'an uncaught exception, by the log'],
  ['[UnhandledPromiseRejection: x]', 'an unhandled rejection, by the log'],
])('the log line %s is a fault', (line, what) => {
  expect(faultsOfLog([line])).toEqual([{ what, line }]);
});

test('a log line of a service is no fault, whatever error it reports', () => {
  expect(faultsOfLog(['{"level":"warn","event":"x","error":{"type":"TypeError"}}'])).toEqual([]);
});

test('a new file and many more descriptors are reported as left behind', () => {
  const before = { descriptors: new Map([['cases', 30]]), files: ['a'] };
  const after = { descriptors: new Map([['cases', 60]]), files: ['a', 'b'] };
  expect(leftBehind(before, after)).toEqual([
    'the file b',
    'cases has 60 descriptors; before it had 30',
  ]);
  expect(leftBehind(before, before)).toEqual([]);
});

test('checks and failures are counted, and the last line has both numbers', () => {
  const findings = new Findings(() => undefined);
  findings.check(true, 'x', () => '');
  findings.check(false, 'a fault', () => 'details');
  expect(findings.summary()).toBe('1 x a fault\n2 checks, 1 failures');
});
