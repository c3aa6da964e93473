import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { expect, test, vi } from 'vitest';

import { EventLog } from '../event-log.ts';

test('an idle connection sets no timers, and none to a negative time', async () => {
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
