import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Topics } from '@casewire/contracts';
import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { BatchConsumer, EventLog, type FetchMark } from '@casewire/event-log';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { endpoint } from '../../test/events.ts';
import { PartitionCounts } from './partition-counts.ts';
import { RegistryViews } from './registry-views.ts';

const events = 'events';
const registered = [Topics.endpoints, Topics.organizations, Topics.secrets, Topics.eventTypes];
let directory: string;
let broker: EmbeddedKafka;
let log: EventLog;
let views: RegistryViews;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'casewire-registry-views-'));
  broker = new EmbeddedKafka({ directory, port: 0 });
  await broker.start();
  log = new EventLog({ brokers: [broker.brokers], clientId: 'test' });
  await log.ensureTopics([
    { topic: events, partitions: 2 },
    ...registered.map((topic) => ({ topic, partitions: 1, compacted: true })),
  ]);
  views = new RegistryViews(log, new PartitionCounts(log));
  await Promise.all(views.all.map((view) => view.start()));
});
afterEach(async () => {
  await Promise.all(views.all.map((view) => view.stop()));
  await log.close();
  await broker.stop();
  await rm(directory, { recursive: true });
});

test('an endpoint that was registered before an event was published is seen when the event is handled', async () => {
  const seen: boolean[] = [];
  const marks = new Set<FetchMark>();
  let handled = Promise.withResolvers<void>();
  const known: string[] = [];
  const consumer = new BatchConsumer({
    log,
    groupId: 'delivery',
    topics: [events],
    onFetch: (mark) => views.requestEnds(mark),
    handle: async (_, { fetchMark }) => {
      await views.catchUp(fetchMark);
      marks.add(fetchMark);
      seen.push(views.endpoints.get(known.at(-1)!) !== undefined);
      handled.resolve();
    },
  });
  await consumer.start();
  try {
    for (let round = 0; round < 20; round += 1) {
      handled = Promise.withResolvers<void>();
      const one = endpoint();
      known.push(one.id);
      await log.send([{ topic: Topics.endpoints, key: one.id, value: JSON.stringify(one) }]);
      await log.send([{ topic: events, key: `${round}`, value: 'an event' }]);
      await handled.promise;
    }
  } finally {
    await consumer.stop();
  }
  expect(seen).toEqual(Array.from({ length: 20 }, () => true));
  expect(marks.size).toBe(20);
});

test('the read index is the end offset of the topic of endpoints', async () => {
  const one = endpoint();
  await log.send([{ topic: Topics.endpoints, key: one.id, value: JSON.stringify(one) }]);
  expect(await views.catchUp()).toBe(1n);
});
