import { Sealer } from '@casewire/auth';
import { Topics, type Endpoint } from '@casewire/contracts';
import { classifyFailure, type IncomingRecord } from '@casewire/event-log';
import { beforeEach, describe, expect, test } from 'vitest';

import { catalogOf, endpoint, eventType, organization, organizationId } from '../../test/events.ts';
import { KeptLog, ScriptedStore } from '../../test/scripted-store.ts';
import type { ReferenceData } from '../model/reference-data.ts';
import { CatalogView } from '../registry/catalog-view.ts';
import { eventCallbackOwner } from './callbacks.ts';
import { DeliveryBuilder } from './delivery-builder.ts';
import { EventIntake } from './event-intake.ts';
import { IntakeEntries } from './intake-entries.ts';
import { VersionConverter } from './version-converter.ts';

const sealer = new Sealer(Buffer.alloc(32, 1));
let lanes: ScriptedStore;
let log: KeptLog;
let endpoints: Endpoint[];
beforeEach(() => {
  [lanes, log, endpoints] = [new ScriptedStore(), new KeptLog(), [endpoint()]];
});
const catalog = new CatalogView(catalogOf(eventType(), eventType({ name: 'case.erased' })));
const references = (over: Partial<ReferenceData> = {}): ReferenceData => ({
  catalog,
  catchUp: async () => 17n,
  endpointsOf: (id) => (id === organizationId ? endpoints : []),
  organization: (id) => (id === organizationId ? organization() : undefined),
  isMisplaced: (_topic, partition) => partition === 9,
  ...over,
});
const inbox = (over?: Partial<ReferenceData>) => {
  const deliveries = new DeliveryBuilder(
    new VersionConverter(catalog, { convert: () => Promise.reject(new Error('not asked')) }),
    sealer,
  );
  const entries = new IntakeEntries(references(over), deliveries, sealer);
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

test('records are taken in together, up to behind the last', async () => {
  await inbox().take([record(5), record(6), record(9)]);
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

test('endpoints are looked at after the views have reached the end of their topics', async () => {
  const late = endpoint();
  const catchUp = async () => {
    endpoints.push(late);
    return 18n;
  };
  await inbox({ catchUp }).take([record(0)]);
  expect(
    lanes.batches[0]?.events[0]?.deliveries.map(({ destination }) => destination),
  ).toContainEqual({
    endpoint: late,
  });
});

test('views that cannot follow hold the records back', async () => {
  const catchUp = () => Promise.reject(new Error('stale'));
  await expect(inbox({ catchUp }).take([record(0)])).rejects.toThrow('stale');
  expect(lanes.batches).toEqual([]);
});

test('an event that nobody wants is taken in all the same', async () => {
  endpoints = [];
  await inbox().take([record(0)]);
  expect(lanes.batches[0]?.events).toHaveLength(1);
});

test('one record that is refused leaves nothing of its batch behind', async () => {
  const records = [record(0), record(1, {}, 'unknown')];
  await expect(inbox().take(records)).rejects.toMatchObject({ code: 'EVENT_TYPE_UNKNOWN' });
  expect(lanes.batches).toEqual([]);
});

test('an erasure is said to be one', async () => {
  await inbox().take([record(0), record(1, {}, 'case.erased')]);
  expect(lanes.batches[0]?.events.map(({ erases }) => erases)).toEqual([false, true]);
});

test('large records are taken in a few at a time, each transaction behind the one before', async () => {
  const large = { text: 'x'.repeat(900_000) };
  await inbox().take(Array.from({ length: 12 }, (_, i) => record(i, large)));
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

test('records that were taken in before are told of, so that a topic that began anew is noticed', async () => {
  lanes.ingest = async () => ({ events: 0, deliveries: 0, skipped: 2, heads: [] });
  await inbox().take([record(0), record(1)]);
  expect(log.lines).toMatchObject([{ event: 'intake.ingested', skipped: 2, nextOffset: '2' }]);
});

describe('records are never given up on because', () => {
  const pg = (code: string) => Object.assign(new Error('refused'), { code });
  test.each([
    ['the server is gone', pg('ECONNREFUSED')],
    ['the connection broke', new Error('Connection terminated unexpectedly')],
    ['no connection was to be had', new Error('timeout exceeded when trying to connect')],
    [
      'the connection had broken before',
      new Error('Client has encountered a connection error and is not queryable'),
    ],
    ['no answer came', new Error('Query read timeout')],
    ['the server starts', pg('57P03')],
    ['the server was stopped', pg('57P01')],
    ['the statement took too long', pg('57014')],
    ['the transaction took too long', pg('25P03')],
    ['there are too many connections', pg('53300')],
    ['the disk is full', pg('53100')],
    ['transactions met crosswise', pg('40P01')],
  ])('%s', async (_, error) => {
    lanes.beforeIngest = () => {
      throw error;
    };
    const failure: unknown = await inbox()
      .take([record(0)])
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(classifyFailure(failure)).toBe('wait');
  });

  test.each([
    ['its content cannot be stored', pg('22P05'), 'retry'],
    ['it is refused', Object.assign(new Error('no'), { code: 'X', retriable: false }), 'reject'],
    ['there is a mistake of ours', new TypeError('undefined is not a function'), 'retry'],
  ])('but a record is in the end where %s', async (_, error, verdict) => {
    lanes.beforeIngest = () => {
      throw error;
    };
    const failure: unknown = await inbox()
      .take([record(0)])
      .catch((thrown: unknown) => thrown);
    expect(classifyFailure(failure)).toBe(verdict);
  });
});

test('a record on a partition that its key does not belong to is delivered, and flagged', async () => {
  await inbox().take([{ ...record(0), partition: 9 }]);
  expect(lanes.batches[0]?.events).toMatchObject([{ misplaced: true, deliveries: [{}] }]);
  expect(log.lines).toMatchObject([{ event: 'intake.ingested', misplaced: 1 }]);
});

test('an event for an organization that there is not is refused', async () => {
  const stray = record(0);
  stray.headers.ce_organization = 'b0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10';
  await expect(inbox().take([stray])).rejects.toMatchObject({ code: 'EVENT_ORGANIZATION_UNKNOWN' });
});

test('a URL that comes with an event is stored sealed', async () => {
  const called = record(0);
  called.headers.ce_destination = 'https://one.example/cb?secret=1';
  await inbox().take([called]);
  const { callbackUrl, event } = lanes.batches[0]!.events[0]!;
  expect(callbackUrl).not.toContain('secret');
  expect(sealer.open(callbackUrl!, eventCallbackOwner(event.id)).toString()).toBe(
    'https://one.example/cb?secret=1',
  );
});
