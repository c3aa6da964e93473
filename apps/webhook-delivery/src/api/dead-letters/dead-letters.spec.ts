import { randomUUID } from 'node:crypto';

import { Topics, type EventType } from '@casewire/contracts';
import type { IncomingRecord } from '@casewire/event-log';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { drain } from '../../../test/drain.ts';
import {
  catalogOf,
  endpoint,
  eventType,
  organization,
  organizationId,
  Partition,
} from '../../../test/events.ts';
import { tenant, sealer } from '../../../test/replay-fixture.ts';
import { KeptLog } from '../../../test/scripted-store.ts';
import { DeadLetterIntake } from '../../intake/dead-letters/dead-letter-intake.ts';
import { deleteOldDeadLetters } from '../../intake/dead-letters/dead-letter.query.ts';
import { DeliveryBuilder } from '../../intake/delivery-builder.ts';
import { EntryBuilder } from '../../intake/entry-builder.ts';
import { VersionConverter } from '../../intake/version-converter.ts';
import { CatalogView } from '../../registry/catalog-view.ts';
import { IdempotentHandler } from '../idempotent-handler.ts';
import { DeadLetterReplay } from './dead-letter-replay.ts';
import { DeadLettersService } from './dead-letters.service.ts';

const topic = 'events.stock';
const team = {
  ...tenant,
  organization: organization({ kind: 'team', team: { slug: 'stock', prefixes: ['stock.'] } }),
};
const otherTeam = {
  ...tenant,
  organization: organization({ kind: 'team', team: { slug: 'other', prefixes: ['other.'] } }),
};
const partner = { ...tenant, organization: organization() };
const page = { limit: 20 };

let database: DeliveryDatabase;
let log: KeptLog;
let types: EventType[];
let endpoints: ReturnType<typeof endpoint>[];
let caughtUp: () => void;
let deadLetters: DeadLettersService;
let intake: DeadLetterIntake;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(async () => {
  await database.clear();
  await database.pool.query('delete from dead_letter; delete from idempotency_key');
  log = new KeptLog();
  types = [];
  endpoints = [endpoint({ dialect: 'casewire' })];
  caughtUp = () => {};
  deadLetters = new DeadLettersService(database.pool);
  intake = new DeadLetterIntake(database.pool, log);
});
afterEach(() => expectNoFaults(database));
afterAll(() => database.drop());

const stockMoved = (over: Partial<EventType> = {}) =>
  eventType({ name: 'stock.moved', sourceTopic: topic, ordering: 'key', ...over });

/** Replays a dead letter with the present types and endpoints. */
const replay = (who: typeof team, id: string, key?: string) => {
  const replaying = {
    catchUp: async () => {
      caughtUp();
      return 17n;
    },
  };
  const catalog = new CatalogView({
    entries: () => catalogOf(...types).entries(),
    get: (name: string) => catalogOf(...types).get(name),
    onChange: () => {},
  });
  const references = {
    catalog,
    endpointsOf: () => endpoints,
    organization: (one: string) => (one === organizationId ? organization() : undefined),
    isMisplaced: () => false,
  };
  const versions = new VersionConverter(catalog, {
    convert: () => Promise.reject(new Error('not called')),
  });
  const entries = new EntryBuilder(references, new DeliveryBuilder(versions, sealer), sealer);
  return new DeadLetterReplay(
    replaying,
    entries,
    new IdempotentHandler(database.pool, sealer),
    () => {},
  ).replay(who, id, key);
};

let nextOffset = 0;
const deadLetterRecord = (
  over: Partial<IncomingRecord> = {},
  headers: Record<string, string> = {},
) => ({
  topic: `${topic}.dlq`,
  partition: 0,
  offset: 0n,
  key: 'sku-1',
  value: Buffer.from('{"moved":1}'),
  timestamp: new Date(),
  ...over,
  headers: {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_source: '/stock',
    ce_type: 'stock.moved',
    ce_time: '2026-01-22T10:30:00Z',
    'content-type': 'application/json',
    ce_organization: organizationId,
    ce_environment: 'sandbox',
    'dlq-reason-code': 'EVENT_TYPE_UNKNOWN',
    'dlq-reason': 'stock.moved is not in the catalog',
    'dlq-topic': topic,
    'dlq-partition': '3',
    'dlq-offset': String(nextOffset++),
    'dlq-tries': '1',
    'dlq-at': '2026-01-22T10:31:00.000Z',
    ...headers,
  },
});
const stored = async (...records: IncomingRecord[]) => {
  await intake.store(records);
  const { items } = await deadLetters.getAll(team, { limit: 100 });
  return items[0]!.id;
};

describe('a dead letter', () => {
  test('is stored once with its reason, without the headers of the event log, and only its team can read it', async () => {
    const record = deadLetterRecord();
    await intake.store([record]);
    await intake.store([record]);
    const { items } = await deadLetters.getAll(team, page);
    expect(items).toMatchObject([
      {
        topic,
        partition: 3,
        offset: record.headers['dlq-offset'],
        key: 'sku-1',
        value: '{"moved":1}',
        code: 'EVENT_TYPE_UNKNOWN',
        reason: 'stock.moved is not in the catalog',
        receivedAt: '2026-01-22T10:31:00.000Z',
        replayedAt: null,
      },
    ]);
    expect(Object.keys(items[0]!.headers).filter((name) => name.startsWith('dlq-'))).toEqual([]);
    expect(await deadLetters.get(team, items[0]!.id)).toEqual(items[0]);
    for (const who of [otherTeam, partner])
      await expect(deadLetters.get(who, items[0]!.id)).rejects.toMatchObject({ status: 404 });
    expect((await deadLetters.getAll(otherTeam, page)).items).toEqual([]);
    await expect(deadLetters.getAll(partner, page)).rejects.toMatchObject({ status: 404 });
    await expect(deadLetters.get(team, 'x')).rejects.toMatchObject({ status: 404 });
  });

  test('is listed newest first, page by page, by code, with the beginning of a long value', async () => {
    const long = 'x'.repeat(5000);
    await intake.store([
      deadLetterRecord(),
      deadLetterRecord({ value: Buffer.from(long) }, { 'dlq-reason-code': 'EVENT_NOT_JSON' }),
      deadLetterRecord(),
    ]);
    const first = await deadLetters.getAll(team, { limit: 2 });
    expect(first.items.map(({ code }) => code)).toEqual(['EVENT_TYPE_UNKNOWN', 'EVENT_NOT_JSON']);
    expect(first.items[1]!.value).toHaveLength(4096);
    expect((await deadLetters.get(team, first.items[1]!.id)).value).toBe(long);
    const second = await deadLetters.getAll(team, { limit: 2, cursor: first.next! });
    expect(second.items).toHaveLength(1);
    expect(second.next).toBeNull();
    const byCode = await deadLetters.getAll(team, { ...page, code: 'EVENT_NOT_JSON' });
    expect(byCode.items).toHaveLength(1);
  });

  test('may contain NUL, half characters and no value', async () => {
    const odd = deadLetterRecord(
      { key: 'a\0b', value: Buffer.from([0xff, 0]) },
      { ce_feature: 'a\0b' },
    );
    await intake.store([odd, deadLetterRecord({ key: null, value: null })]);
    const { items } = await deadLetters.getAll(team, page);
    expect(items).toMatchObject([
      { key: null, value: null },
      { key: 'a\0b', headers: { ce_feature: 'a\ufffdb' } },
    ]);
  });

  test('is deleted when it is older than its topic keeps records', async () => {
    await intake.store([
      deadLetterRecord({}, { 'dlq-at': '2026-01-01T00:00:00.000Z' }),
      deadLetterRecord(),
    ]);
    expect(await deleteOldDeadLetters(database.pool, new Date('2026-01-20T00:00:00Z'))).toBe(1);
    expect((await deadLetters.getAll(team, page)).items).toMatchObject([
      { receivedAt: '2026-01-22T10:31:00.000Z' },
    ]);
  });

  test('that the event log did not write is not stored: without a reason, or for another topic', async () => {
    const bare = deadLetterRecord();
    delete (bare.headers as Record<string, string>)['dlq-offset'];
    await intake.store([bare, deadLetterRecord({}, { 'dlq-topic': Topics.casewireEvents })]);
    expect((await database.pool.query('select from dead_letter')).rowCount).toBe(0);
    expect(log.events).toEqual(['dead-letter.foreign', 'dead-letter.foreign']);
  });
});

describe('a replay', () => {
  test('delivers the event after its type was registered, marked as a replay, and in a lane of the replay', async () => {
    const id = await stored(deadLetterRecord());
    caughtUp = () => types.push(stockMoved());
    const job = await replay(team, id);
    expect(job).toMatchObject({
      kind: 'dead-letter',
      parameters: { deadLetterId: id },
      progress: { queued: 1, pending: 1 },
    });
    expect(await drain(database.store)).toMatchObject([
      { replayJob: job.id, eventType: 'stock.moved', endpointId: endpoints[0]!.id },
    ]);
    expect(await database.inspect.events()).toMatchObject([{ matched: 0, partition: 3 }]);
    expect((await database.inspect.lanes()).map(({ replayJob }) => replayJob)).toEqual([job.id]);
    expect((await deadLetters.get(team, id)).replayedAt).not.toBeNull();
  });

  test('is the same one for repeated and concurrent requests', async () => {
    const id = await stored(deadLetterRecord());
    types.push(stockMoved());
    const [key, other] = [randomUUID(), randomUUID()];
    const jobs = await Promise.all([
      replay(team, id, key),
      replay(team, id, key),
      replay(team, id, other),
      replay(team, id),
    ]);
    expect(new Set(jobs.map((job) => job.id)).size).toBe(1);
    expect(await drain(database.store)).toHaveLength(1);
    expect((await replay(team, id)).progress).toMatchObject({ queued: 1, delivered: 1 });
  });

  test('goes to all endpoints that match now, and to none if none matches', async () => {
    types.push(stockMoved());
    endpoints = [endpoint(), endpoint(), endpoint({ environment: 'production' })];
    await replay(team, await stored(deadLetterRecord()));
    expect(await drain(database.store)).toHaveLength(2);
    endpoints = [];
    const job = await replay(team, await stored(deadLetterRecord()));
    expect(job.progress.queued).toBe(0);
  });

  test.each<[string, Partial<EventType> | null, Record<string, string>, string]>([
    ['of a type that is still unknown', null, {}, 'EVENT_TYPE_UNKNOWN'],
    ['of another topic’s type', { sourceTopic: 'events.other' }, {}, 'EVENT_TOPIC_WRONG'],
    [
      'for an organization that its type must not address',
      { addressees: [randomUUID()] },
      {},
      'EVENT_ADDRESSEE_NOT_ALLOWED',
    ],
    [
      'that violates its schema',
      { schema: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } } },
      {},
      'EVENT_SCHEMA_VIOLATED',
    ],
    [
      'for an unknown organization',
      {},
      { ce_organization: randomUUID() },
      'EVENT_ORGANIZATION_UNKNOWN',
    ],
    ['with an invalid header', {}, { ce_time: 'yesterday' }, 'EVENT_HEADERS_INVALID'],
    ['with a header that is not text', {}, { ce_subject: 'a\0b' }, 'EVENT_NOT_TEXT'],
    [
      'whose value was too large for the dead letter',
      {},
      { 'dlq-value-omitted': '1048576' },
      'DEAD_LETTER_VALUE_OMITTED',
    ],
  ])(
    'of a record %s is refused with the reason, and the dead letter stays',
    async (_, type, headers, code) => {
      if (type) types.push(stockMoved(type));
      const id = await stored(deadLetterRecord({}, headers));
      await expect(replay(team, id)).rejects.toMatchObject({ status: 409, code });
      expect((await deadLetters.get(team, id)).replayedAt).toBeNull();
      const left = await database.pool.query('select from event union all select from replay_job');
      expect(left.rowCount).toBe(0);
    },
  );

  test.each(['case.erased', 'order.erased'])(
    'of a key that %s erased since is refused',
    async (type) => {
      types.push(stockMoved());
      const id = await stored(deadLetterRecord());
      const erasure = { topic, key: 'sku-1', type };
      await database.store.ingest(new Partition(3).batch([], erasure));
      await expect(replay(team, id)).rejects.toMatchObject({ status: 409, code: 'EVENT_ERASED' });
    },
  );

  test('of an id that was used for another event is refused', async () => {
    types.push(stockMoved());
    const record = deadLetterRecord();
    await replay(team, await stored(record));
    const { ce_id } = record.headers;
    const id = await stored(deadLetterRecord({ value: Buffer.from('{"moved":2}') }, { ce_id }));
    await expect(replay(team, id)).rejects.toMatchObject({ status: 409, code: 'EVENT_ID_REUSED' });
  });

  test('of another team’s dead letter is not found', async () => {
    types.push(stockMoved());
    const id = await stored(deadLetterRecord());
    for (const who of [otherTeam, partner])
      await expect(replay(who, id)).rejects.toMatchObject({ status: 404 });
    await expect(replay(team, '0')).rejects.toMatchObject({ status: 404 });
    await expect(replay(team, 'x')).rejects.toMatchObject({ status: 404 });
  });

  test('of an event that was ingested before sends it again, outside its lane', async () => {
    types.push(stockMoved());
    const record = deadLetterRecord();
    const first = await replay(team, await stored(record));
    await drain(database.store);
    const again = await replay(
      team,
      await stored(deadLetterRecord({}, { ce_id: record.headers.ce_id })),
    );
    expect(again.id).not.toBe(first.id);
    expect(await drain(database.store)).toMatchObject([{ replayJob: again.id }]);
  });
});
