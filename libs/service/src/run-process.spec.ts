import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, onTestFinished, test } from 'vitest';

import { errorLine } from './error-line.ts';

interface Line {
  event: string;
  url?: string;
  requestId?: string;
  error?: { message: string };
}

/** A service in a separate process whose handlers fail with an unhandled error. */
async function failingService() {
  const main = join(import.meta.dirname, '../test/failing-service.ts');
  const child = spawn(process.execPath, ['--import', '#register', main], {
    cwd: join(import.meta.dirname, '../../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  const lines: Line[] = [];
  const started = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (line.event === 'service.started') started.resolve(line.url!);
  });
  return { url: await started.promise, lines, exit };
}

test.each([
  ['throw', 'thrown in a callback'],
  ['reject', 'rejected where nobody listens'],
])(
  'what a handler fails to catch (%s) ends the service, after it was logged with its request',
  async (path, message) => {
    const { url, lines, exit } = await failingService();
    const answer = fetch(`${url}/${path}`, { headers: { 'x-request-id': 'request-1234' } });
    await expect(answer).rejects.toThrow('fetch failed');
    const [code] = (await exit) as [number];
    expect(code).toBe(1);
    expect(lines.find(({ event }) => event === 'process.failed')).toMatchObject({
      requestId: 'request-1234',
      error: { message },
    });
  },
);

test('an error with a code is reported in one line, and any other with its stack', () => {
  const taken = Object.assign(new Error('listen EADDRINUSE 127.0.0.1:3000'), {
    code: 'EADDRINUSE',
  });
  expect(errorLine(taken)).toBe('listen EADDRINUSE 127.0.0.1:3000');
  expect(errorLine(new AggregateError([taken]))).toBe('listen EADDRINUSE 127.0.0.1:3000');
  expect(errorLine(new TypeError('x is undefined'))).toMatch(/TypeError: x is undefined\n +at /);
});
