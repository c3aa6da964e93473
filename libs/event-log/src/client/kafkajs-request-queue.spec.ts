import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { expect, test, vi } from 'vitest';

import { EventLog } from '../event-log.ts';
import { patchRequestQueue, type RequestQueue } from './kafkajs-request-queue.ts';

const KafkajsRequestQueue = createRequire(import.meta.url)(
  'kafkajs/src/network/requestQueue/index.js',
) as new (options: object) => RequestQueue;

function timersOf(queue: RequestQueue): (number | undefined)[] {
  const timers = vi.spyOn(globalThis, 'setTimeout').mockReturnValue({} as NodeJS.Timeout);
  try {
    queue.scheduleCheckPendingRequests();
    return timers.mock.calls.map(([, ms]) => ms);
  } finally {
    timers.mockRestore();
  }
}

const idle = () => new KafkajsRequestQueue({});
const waiting = () => Object.assign(idle(), { pending: [{}] });
const throttled = () => Object.assign(idle(), { throttledUntil: Date.now() + 60_000 });

test('the request queue of kafkajs sets a timer with a negative delay while it is idle, which the patch prevents', () => {
  expect(idle()).toMatchObject({ pending: [], throttledUntil: -1 });
  expect(timersOf(idle())).toEqual([expect.any(Number)]);
  expect(timersOf(idle())[0]).toBeLessThan(0);
  patchRequestQueue();
  expect(timersOf(idle())).toEqual([]);
});

test('a patched request queue sets a timer while requests are pending or throttled', () => {
  patchRequestQueue();
  expect(timersOf(waiting())).toEqual([10]);
  expect(timersOf(throttled())[0]).toBeGreaterThan(0);
});

test('a request without a response fails a tenth of its time-out after it at the latest, with ten checks in that time', () => {
  patchRequestQueue();
  vi.useFakeTimers();
  try {
    const queue = new KafkajsRequestQueue({ enforceRequestTimeout: true, requestTimeout: 30_000 });
    const timeoutRequest = vi.fn<() => void>();
    queue.scheduleRequestTimeoutCheck();
    vi.advanceTimersByTime(1_000);
    queue.inflight.set(1, { sentAt: Date.now(), requestTimeout: 30_000, timeoutRequest });
    vi.advanceTimersByTime(29_999);
    expect(timeoutRequest).not.toHaveBeenCalled();
    vi.advanceTimersByTime(3_001);
    expect(timeoutRequest).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(1);
    queue.isConnected = () => false;
    vi.advanceTimersByTime(3_000);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a connection without pending requests sets no timers with a negative delay', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'casewire-request-queue-'));
  const broker = new EmbeddedKafka({ directory, port: 0 });
  await broker.start();
  const log = new EventLog({ brokers: [broker.brokers], clientId: 'test' });
  const timers = vi.spyOn(globalThis, 'setTimeout');
  try {
    await log.ensureTopics([{ topic: 'topic', partitions: 1 }]);
    await log.endOffsets('topic');
    timers.mockClear();
    await new Promise((resolve) => setImmediate(resolve));
    await log.endOffsets('topic');
    await new Promise((resolve) => setImmediate(resolve));
    const delays = timers.mock.calls.map(([, ms]) => ms ?? 0);
    expect(delays.filter((ms) => ms <= 0)).toEqual([]);
  } finally {
    timers.mockRestore();
    await log.close();
    await broker.stop();
    await rm(directory, { recursive: true });
  }
});
