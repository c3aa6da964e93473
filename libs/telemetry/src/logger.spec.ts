import { expect, test } from 'vitest';

import { createLogger, libraryLogger } from './logger.ts';
import { withRequestId } from './request-id.ts';

interface Line extends Record<string, unknown> {
  error: Record<string, unknown> & { causes?: Record<string, unknown>[] };
}

const lines: string[] = [];
const logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
const written = (): Line => JSON.parse(lines.splice(0).join('')) as Line;

const failure = Object.assign(new RangeError('disk full'), {
  code: 'ENOSPC',
  query: 'select 1',
  client: { secretKey: 123 },
});

test('an error is logged with its type, message, code and stack, and without its other properties', () => {
  logger.warn({ event: 'x', error: failure });
  const { error } = written();
  expect(error).toEqual({
    type: 'RangeError',
    message: 'disk full',
    code: 'ENOSPC',
    stack: expect.stringContaining('logger.spec.ts'),
  });
});

test('the causes of an error, and of an aggregate error, are logged in the same way', () => {
  const cause = Object.assign(new Error('outer', { cause: failure }), { password: 'x' });
  logger.error({ event: 'x', error: new AggregateError([cause], 'all failed') });
  const { error } = written();
  expect(error).toMatchObject({ type: 'AggregateError', message: 'all failed' });
  expect(error.causes).toMatchObject([
    { message: 'outer', causes: [{ message: 'disk full', code: 'ENOSPC' }] },
  ]);
  expect(JSON.stringify(error)).not.toMatch(/password|secretKey|select 1/);
});

test('an error of a library is logged in the same way, in every field', () => {
  const library = libraryLogger(logger, 'event-log');
  library.warn({ groupId: 'g', cause: failure, about: { reason: failure } }, 'it failed');
  const line = written();
  expect(line).toMatchObject({
    event: 'event-log',
    message: 'it failed',
    groupId: 'g',
    cause: { type: 'RangeError' },
    about: { reason: { message: 'disk full' } },
  });
  expect(JSON.stringify(line)).not.toMatch(/secretKey|select 1/);
});

test('an object of a class is logged as the name of its class', () => {
  class Connection {
    readonly secretKey = 123;
  }
  logger.info({
    event: 'x',
    connection: new Connection(),
    bytes: Buffer.from('secret'),
    at: new Date(0),
  });
  expect(written()).toMatchObject({
    connection: '[Connection]',
    bytes: '[6 bytes]',
    at: '1970-01-01T00:00:00.000Z',
  });
});

test('long texts and deep nesting are cut off', () => {
  let deep: Error = new Error('the last');
  for (let i = 0; i < 100; i++) deep = new Error('x'.repeat(100_000), { cause: deep });
  const circle = new Error('circle');
  circle.cause = circle;
  logger.error({ event: 'x', error: deep, circle, text: 'y'.repeat(1_000_000) });
  expect(lines.join('').length).toBeLessThan(100_000);
  expect(written()).toMatchObject({ error: { message: expect.stringMatching(/^x+…$/) } });
});

test('a value that is not an error is logged as it is', () => {
  logger.info({ event: 'x', error: 'a text', count: 2, list: [1, null, undefined], none: null });
  expect(written()).toMatchObject({ error: 'a text', count: 2, list: [1, null, null], none: null });
});

test('a line of a request has the id of the request, unless it names another one', async () => {
  await withRequestId('request-1', async () => {
    await Promise.resolve();
    logger.info({ event: 'x' });
  });
  expect(written()).toMatchObject({ requestId: 'request-1' });
  await withRequestId('request-1', async () => logger.info({ event: 'x', requestId: 'request-2' }));
  expect(written()).toMatchObject({ requestId: 'request-2' });
});

test('a line outside of a request, or of work that continues after it, has no request id', async () => {
  logger.info({ event: 'x' });
  expect(written()).not.toHaveProperty('requestId');
  const over = Promise.withResolvers<void>();
  const left = await withRequestId('request-1', async () => [
    over.promise.then(() => logger.info({ event: 'x' })),
  ]);
  over.resolve();
  await left[0];
  expect(written()).not.toHaveProperty('requestId');
});
