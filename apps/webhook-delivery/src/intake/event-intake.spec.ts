import { Sealer } from '@casewire/auth';
import { Topics, type Endpoint } from '@casewire/contracts';
import {
  classifyFailure,
  EventLog,
  type FetchMark,
  type IncomingRecord,
} from '@casewire/event-log';
import { beforeEach, describe, expect, test } from 'vitest';

import { catalogOf, endpoint, eventType, organization, organizationId } from '../../test/events.ts';
import { KeptLog, ScriptedStore } from '../../test/scripted-store.ts';
import type { ReferenceData } from '../model/reference-data.ts';
import { CatalogView } from '../registry/catalog-view.ts';
import { DeliveryBuilder } from './delivery-builder.ts';
import { EntryBuilder } from './entry-builder.ts';
import { EventIntake } from './event-intake.ts';
import { eventCallbackSealContext } from './match-callback.ts';
import { VersionConverter } from './version-converter.ts';

const sealer = new Sealer(Buffer.alloc(32, 1));
let lanes: ScriptedStore;
let log: KeptLog;
let endpoints: Endpoint[];
beforeEach(() => {
  [lanes, log, endpoints] = [new ScriptedStore(), new KeptLog(), [endpoint()]];
});
const catalog = new CatalogView(
  catalogOf(eventType(), eventType({ name: 'case.erased' }), eventType({ name: 'order.erased' })),
);
const references = (over: Partial<ReferenceData> = {}): ReferenceData => ({
  catalog,
  catchUp: async () => 17n,
  endpointsOf: (id) => (id === organizationId ? endpoints : []),
  organization: (id) => (id === organizationId ? organization() : undefined),
  isMisplaced: (_topic, partition) => partition === 9,
  ...over,
});
const intake = (over?: Partial<ReferenceData>) => {
  const deliveries = new DeliveryBuilder(
    new VersionConverter(catalog, { convert: () => Promise.reject(new Error('not called')) }),
    sealer,
  );
  const entries = new EntryBuilder(references(over), deliveries, sealer);
  return new EventIntake(references(over), entries, lanes, log);
};

const record = (offset: number, data: object = {}, type = 'thing.happened'): IncomingRecord => ({
  topic: Topics.casewireEvents,
  partition: 2,
  offset: BigInt(offset),
  key: 'case-1',
  value: Buffer.from(JSON.stringify(data)),
  headers: {
    ce_specversion: '1.0',
    ce_id: `${offset}`,
    ce_source: '/somewhere',
    ce_type: type,
    ce_time: '2026-01-22T10:30:00Z',
    'content-type': 'application/json',
    ce_organization: organizationId,
    ce_environment: 'sandbox',
  },
  timestamp: new Date(),
});

test('the records of a batch are ingested together, and the next offset follows the last of them', async () => {
  await intake().ingest([record(5), record(6), record(9)]);
  expect(lanes.batches).toMatchObject([
    { topic: Topics.casewireEvents, partition: 2, nextOffset: 10n, registryOffset: 17n },
  ]);
  const [batch] = lanes.batches;
  expect(batch!.events.map(({ event, deliveries }) => [event.offset, deliveries.length])).toEqual([
    [5n, 1],
    [6n, 1],
    [9n, 1],
  ]);
});

test('endpoints are matched after the views have reached the end of their topics', async () => {
  const late = endpoint();
  const catchUp = async () => {
    endpoints.push(late);
    return 18n;
  };
  await intake({ catchUp }).ingest([record(0)]);
  expect(
    lanes.batches[0]?.events[0]?.deliveries.map(({ destination }) => destination),
  ).toContainEqual({
    endpoint: late,
  });
});

test('the views catch up for the fetch that brought the records', async () => {
  const fetched = new EventLog({ brokers: ['127.0.0.1:1'], clientId: 'test' }).fetchMark();
  const marks: unknown[] = [];
  const catchUp = async (after?: FetchMark) => {
    marks.push(after);
    return 19n;
  };
  await intake({ catchUp }).ingest([record(0)], fetched);
  expect(marks).toEqual([fetched]);
  expect(lanes.batches).toMatchObject([{ registryOffset: 19n }]);
});

test('nothing is ingested while the views cannot catch up', async () => {
  const catchUp = () => Promise.reject(new Error('stale'));
  await expect(intake({ catchUp }).ingest([record(0)])).rejects.toThrow('stale');
  expect(lanes.batches).toEqual([]);
});

test('an event without a matching endpoint is ingested as well', async () => {
  endpoints = [];
  await intake().ingest([record(0)]);
  expect(lanes.batches[0]?.events).toHaveLength(1);
});

test('if one record is rejected, nothing of its batch is stored', async () => {
  const records = [record(0), record(1, {}, 'unknown')];
  await expect(intake().ingest(records)).rejects.toMatchObject({ code: 'EVENT_TYPE_UNKNOWN' });
  expect(lanes.batches).toEqual([]);
});

test('an erasure is marked as one', async () => {
  await intake().ingest([record(0), record(1, {}, 'case.erased'), record(2, {}, 'order.erased')]);
  expect(lanes.batches[0]?.events.map(({ erases }) => erases)).toEqual([false, true, true]);
});

test('large records are ingested a few at a time, one transaction after the other', async () => {
  const large = { text: 'x'.repeat(900_000) };
  await intake().ingest(Array.from({ length: 12 }, (_, i) => record(i, large)));
  const sizes = lanes.batches.map(({ events }) => events.length);
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBeLessThan(8);
  expect(sizes.reduce((sum, n) => sum + n, 0)).toBe(12);
  const ends = lanes.batches.map(({ events, nextOffset }) => [
    events.at(-1)!.event.offset + 1n,
    nextOffset,
  ]);
  for (const [end, next] of ends) expect(next).toBe(end);
});

test('records that were ingested before are logged, so that a topic that was created again is noticed', async () => {
  lanes.ingest = async () => ({ events: 0, deliveries: 0, skipped: 2, heads: [] });
  await intake().ingest([record(0), record(1)]);
  expect(log.lines).toMatchObject([{ event: 'intake.ingested', skipped: 2, nextOffset: '2' }]);
});

describe('a record waits, and never becomes a dead letter, if', () => {
  const pg = (code: string) => Object.assign(new Error('refused'), { code });
  test.each([
    ['the server is down', pg('ECONNREFUSED')],
    ['the connection broke', new Error('Connection terminated unexpectedly')],
    ['no connection was available', new Error('timeout exceeded when trying to connect')],
    [
      'the connection had failed before',
      new Error('Client has encountered a connection error and is not queryable'),
    ],
    ['there was no response', new Error('Query read timeout')],
    ['the server starts', pg('57P03')],
    ['the server was stopped', pg('57P01')],
    ['the statement took too long', pg('57014')],
    ['the transaction took too long', pg('25P03')],
    ['there are too many connections', pg('53300')],
    ['the disk is full', pg('53100')],
    ['there was a deadlock', pg('40P01')],
  ])('%s', async (_, error) => {
    lanes.beforeIngest = () => {
      throw error;
    };
    const failure: unknown = await intake()
      .ingest([record(0)])
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(classifyFailure(failure)).toBe('wait');
  });

  test.each([
    ['its content cannot be stored', pg('22P05'), 'retry'],
    ['it is rejected', Object.assign(new Error('no'), { code: 'X', retriable: false }), 'reject'],
    ['there is a bug', new TypeError('undefined is not a function'), 'retry'],
  ])('unless %s', async (_, error, expected) => {
    lanes.beforeIngest = () => {
      throw error;
    };
    const failure: unknown = await intake()
      .ingest([record(0)])
      .catch((thrown: unknown) => thrown);
    expect(classifyFailure(failure)).toBe(expected);
  });
});

test('a record on the wrong partition for its key is delivered, and logged as misplaced', async () => {
  await intake().ingest([{ ...record(0), partition: 9 }]);
  expect(lanes.batches[0]?.events).toMatchObject([{ misplaced: true, deliveries: [{}] }]);
  expect(log.lines).toMatchObject([{ event: 'intake.ingested', misplaced: 1 }]);
});

test('an event for an unknown organization is rejected', async () => {
  const stray = record(0);
  stray.headers.ce_organization = 'b0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10';
  await expect(intake().ingest([stray])).rejects.toMatchObject({
    code: 'EVENT_ORGANIZATION_UNKNOWN',
  });
});

test('the callback URL of an event is stored sealed', async () => {
  const called = record(0);
  called.headers.ce_destination = 'https://one.example/cb?secret=1';
  await intake().ingest([called]);
  const { callbackUrl, event } = lanes.batches[0]!.events[0]!;
  expect(callbackUrl).not.toContain('secret');
  expect(sealer.open(callbackUrl!, eventCallbackSealContext(event.id)).toString()).toBe(
    'https://one.example/cb?secret=1',
  );
});
