import { createLogger } from '@casewire/telemetry';
import type { ArgumentsHost } from '@nestjs/common';
import { expect, test } from 'vitest';

import { ProblemFilter } from './problem.filter.ts';

function responseTo(error: unknown) {
  const sent = { status: 0, body: '', headers: {} as Record<string, string> };
  const response = {
    locals: { requestId: 'r' },
    headersSent: false,
    status: (status: number) => Object.assign(response, { _: (sent.status = status) }),
    set: (headers: Record<string, string>) =>
      Object.assign(response, { _: (sent.headers = headers) }),
    type: () => response,
    send: (body: string) => void (sent.body = body),
  };
  const host = {
    switchToHttp: () => ({ getResponse: () => response }),
  } as unknown as ArgumentsHost;
  // oxlint-disable-next-line promise/no-promise-in-callback -- the filter's method, no promise's
  new ProblemFilter(createLogger('test', 'silent')).catch(error, host);
  return { ...sent, code: (JSON.parse(sent.body) as { code: string }).code };
}

test.each(['57P01', 'ECONNREFUSED', 'EVENT_LOG_UNAVAILABLE'])(
  '%s is answered with 503, so that the request is sent again',
  (code) => {
    const response = responseTo(Object.assign(new Error('unavailable'), { code }));
    expect(response).toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
      headers: { 'retry-after': '2' },
    });
  },
);

test.each(['ENOSPC', 'EDQUOT'])('%s is answered with 507 and Retry-After', (code) => {
  expect(responseTo(Object.assign(new Error('full'), { code }))).toMatchObject({
    status: 507,
    code: 'STORAGE_FULL',
    headers: { 'retry-after': '30' },
  });
});

test('the response to an unexpected error has no internal details', () => {
  const response = responseTo(new Error('password=secret'));
  expect(response).toMatchObject({ status: 500, code: 'INTERNAL' });
  expect(response.body).not.toContain('secret');
});
