import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { Topics } from '@casewire/contracts';
import { deadLetterTopic, EventLog, KeyedConsumer, type IncomingRecord } from '@casewire/event-log';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { document, untilCompleted, TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
let log: EventLog;
let consumer: KeyedConsumer;
const deadLetters: IncomingRecord[] = [];
beforeAll(async () => {
  // The test takes the part of the extraction stage.
  platform = await TestPlatform.start({ stages: ['classification', 'translation'] });
  log = new EventLog({ brokers: [platform.brokers], clientId: 'test' });
  consumer = new KeyedConsumer({
    log,
    groupId: 'test-dead-letters',
    topics: [Topics.casewireEvents, Topics.stageResults, Topics.extractionRequests].map(
      deadLetterTopic,
    ),
    handle: async (record) => void deadLetters.push(record),
  });
  await consumer.start();
});
afterAll(async () => {
  await consumer.stop();
  await log.close();
  await platform.stop();
});

/** Polls the headers of the dead letter with this key. */
const expectDeadLetter = (key: string) =>
  expect.poll(() => deadLetters.find((record) => record.key === key)?.headers, { timeout: 20_000 });

const eventHeaders = (overrides: Record<string, string> = {}) => ({
  ce_specversion: '1.0',
  ce_id: randomUUID(),
  ce_source: '/test',
  ce_type: 'case.completed',
  ce_time: '2026-01-01T00:00:00Z',
  'content-type': 'application/json',
  ce_organization: randomUUID(),
  ce_environment: 'sandbox',
  ...overrides,
});
const data = JSON.stringify({
  caseId: randomUUID(),
  externalId: null,
  occurredAt: '2026-01-01T00:00:00Z',
  result: 'succeeded',
});

test.each([
  ['whose headers are not those of an event', {}, data, 'EVENT_HEADERS_INVALID'],
  [
    'of a type that is not in the catalog',
    eventHeaders({ ce_type: 'case.nothing' }),
    data,
    'EVENT_TYPE_UNKNOWN',
  ],
  ['whose data is not JSON', eventHeaders(), 'no', 'EVENT_NOT_JSON'],
  [
    'whose data does not follow its schema',
    eventHeaders(),
    '{"caseId":1}',
    'EVENT_SCHEMA_VIOLATED',
  ],
])(
  'an event %s becomes a dead letter with the reason, and later events are delivered',
  async (_, headers, value, code) => {
    const partner = await platform.partner();
    const listener = await partner.listen();
    const key = randomUUID();
    await log.send([{ topic: Topics.casewireEvents, key, value, headers }]);
    const view = await partner.client.submit({
      files: [await document('invoice')],
      features: ['translation'],
    });
    await untilCompleted(listener, view);
    await expectDeadLetter(key).toMatchObject({
      'dlq-reason-code': code,
      'dlq-topic': Topics.casewireEvents,
    });
  },
);

test('an invalid stage result becomes a dead letter at once', async () => {
  const key = randomUUID();
  await log.send([{ topic: Topics.stageResults, key, value: '{"type":"StageFinished"}' }]);
  await expectDeadLetter(key).toMatchObject({ 'dlq-topic': Topics.stageResults, 'dlq-tries': '1' });
});

test('a run whose request became a dead letter fails at once', async () => {
  const partner = await platform.partner();
  const listener = await partner.listen();
  const requested = Promise.withResolvers<IncomingRecord>();
  const stage = new KeyedConsumer({
    log,
    groupId: 'extraction',
    topics: [Topics.extractionRequests],
    handle: async (record) => requested.resolve(record),
  });
  await stage.start();
  try {
    const view = await partner.client.submit({
      files: [await document('invoice')],
      features: ['extraction'],
      classify: false,
    });
    const { key, value } = await requested.promise;
    // A stage does the same with a request that it cannot parse.
    await log.send([{ topic: deadLetterTopic(Topics.extractionRequests), key, value }]);
    await untilCompleted(listener, view);
    const [extraction] = (await partner.client.results(view.id, 'extraction')).uploads;
    expect(extraction).toMatchObject({
      status: 'failed',
      failure: { code: 'REQUEST_NOT_UNDERSTOOD' },
    });
  } finally {
    await stage.stop();
  }
});
