import { createLogger } from '@casewire/telemetry';
import type { ArgumentsHost } from '@nestjs/common';
import { expect, test } from 'vitest';

import { ProblemFilter } from './problem.filter.ts';

function answerTo(error: unknown) {
  const answer = { status: 0, body: '', headers: {} as Record<string, string> };
  const response = {
    locals: { requestId: 'r' },
    headersSent: false,
    status: (status: number) => Object.assign(response, { _: (answer.status = status) }),
    set: (headers: Record<string, string>) =>
      Object.assign(response, { _: (answer.headers = headers) }),
    type: () => response,
    send: (body: string) => void (answer.body = body),
  };
  const host = {
    switchToHttp: () => ({ getResponse: () => response }),
  } as unknown as ArgumentsHost;
  // oxlint-disable-next-line promise/no-promise-in-callback -- the filter's method, no promise's
  new ProblemFilter(createLogger('test', 'silent')).catch(error, host);
  return { ...answer, code: (JSON.parse(answer.body) as { code: string }).code };
}

test.each(['57P01', 'ECONNREFUSED', 'EVENT_LOG_UNAVAILABLE'])(
  '%s is no fault of the request: it may come again',
  (code) => {
    const answer = answerTo(Object.assign(new Error('away'), { code }));
    expect(answer).toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
      headers: { 'retry-after': '2' },
    });
  },
);

test.each(['ENOSPC', 'EDQUOT'])('%s is answered with 507 and a time to come again', (code) => {
  expect(answerTo(Object.assign(new Error('full'), { code }))).toMatchObject({
    status: 507,
    code: 'STORAGE_FULL',
    headers: { 'retry-after': '30' },
  });
});

test('what nobody foresaw tells the caller nothing of the inside', () => {
  const answer = answerTo(new Error('password=secret'));
  expect(answer).toMatchObject({ status: 500, code: 'INTERNAL' });
  expect(answer.body).not.toContain('secret');
});
