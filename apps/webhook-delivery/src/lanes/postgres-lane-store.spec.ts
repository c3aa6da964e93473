import { randomUUID } from 'node:crypto';

import { inTransaction } from '@casewire/service';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  leftOver,
  type DeliveryDatabase,
} from '../testing/delivery-database.ts';
import { drain } from '../testing/drain.ts';
import {
  batchOf,
  endpoint,
  incomingEvent,
  namedId,
  outcomeOf,
  Partition,
} from '../testing/events.ts';
import { claim } from './claim.ts';
import type { PostgresLaneStore } from './postgres-lane-store.ts';

let database: DeliveryDatabase;
let store: PostgresLaneStore;
beforeAll(async () => {
  database = await deliveryDatabase();
  store = database.store;
});
afterEach(async () => {
  try {
    await expectNoFaults(database);
  } finally {
    await database.clear();
  }
});
afterAll(() => database.drop());

const query = async (sql: string, values: unknown[] = []) =>
  (await database.pool.query<Record<string, unknown>>(sql, values)).rows;
const states = async () =>
  (await query('select state from delivery order by id')).map(({ state }) => state);
const owner = randomUUID();
const one = async (by = owner) => {
  const [head, ...more] = await store.claim(by, 1);
  expect(more).toEqual([]);
  return head!;
};
const leaseEnds = () =>
  query(`update lane set leased_until = now() - interval '1 ms' where owner is not null`);

describe('what is taken in', () => {
  test('a lane hands out its deliveries in the order of their records, each with the one before it', async () => {
    const partition = new Partition();
    const ids = [1, 2, 3].map((n) => namedId(n));
    await store.ingest(partition.batch([endpoint()], { id: ids[0]! }, { id: ids[1]! }));
    await store.ingest(partition.batch([endpoint()], { id: ids[2]!, key: 'another' }));
    const heads = await drain(store);
    const lane = heads.filter(({ eventId }) => eventId !== ids[2]);
    expect(lane.map(({ eventId, seq, previousId }) => [eventId, seq, previousId])).toEqual([
      [ids[0], '1', null],
      [ids[1], '2', ids[0]],
    ]);
  });

  test('a batch that comes again adds nothing, and says so', async () => {
    const batch = new Partition().batch([endpoint()], {}, {}, {});
    expect(await store.ingest(batch)).toEqual({ events: 3, deliveries: 3, skipped: 0 });
    expect(await store.ingest(batch)).toEqual({ events: 0, deliveries: 0, skipped: 3 });
    expect(await drain(store)).toHaveLength(3);
  });

  test('a reader that was late with the same records under an older view adds nothing', async () => {
    const events = [0n, 1n, 2n].map((offset) => incomingEvent({ offset }));
    const [known, unknownToTheZombie] = [endpoint(), endpoint()];
    const zombie = batchOf([known], events.slice(0, 2));
    await store.ingest(batchOf([known, unknownToTheZombie], events));
    expect(await store.ingest(zombie)).toMatchObject({ events: 0, deliveries: 0 });
    expect(await drain(store)).toHaveLength(6);
  });

  test('two readers with the same records at once take them in once', async () => {
    const endpoints = [endpoint(), endpoint()];
    const events = Array.from({ length: 20 }, (_, i) =>
      incomingEvent({ offset: BigInt(i), key: `case-${i % 3}` }),
    );
    const taken = await Promise.all(
      [1, 2, 3, 4].map(() => store.ingest(batchOf(endpoints, events))),
    );
    expect(taken.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBe(40);
    expect(await drain(store)).toHaveLength(40);
  });

  test('a batch that overlaps the one before adds only what is new of it', async () => {
    const events = [0n, 1n, 2n, 3n].map((offset) => incomingEvent({ offset }));
    await store.ingest(batchOf([endpoint()], events.slice(0, 3)));
    const taken = await store.ingest(batchOf([endpoint()], events.slice(1)));
    expect(taken).toEqual({ events: 1, deliveries: 1, skipped: 2 });
  });

  test('an event that was published twice is one event, in one batch and in several, on one partition and on another', async () => {
    const event = { id: randomUUID(), data: { n: 1 } };
    const [first, second] = [new Partition(0), new Partition(1)];
    expect(await store.ingest(first.batch([endpoint()], event, event))).toMatchObject({
      events: 1,
    });
    expect(await store.ingest(first.batch([endpoint()], event))).toMatchObject({ events: 0 });
    expect(await store.ingest(second.batch([endpoint()], event))).toMatchObject({ events: 0 });
    expect(await drain(store)).toHaveLength(1);
  });

  test.each([
    ['in one batch', true],
    ['in another batch', false],
  ])('an id that is used again for other content is refused, %s', async (_, together) => {
    const id = randomUUID();
    const partition = new Partition();
    const [event, other] = [
      { id, data: { n: 1 } },
      { id, data: { n: 2 } },
    ];
    if (!together) await store.ingest(partition.batch([endpoint()], event));
    const batch = together
      ? partition.batch([endpoint()], event, other)
      : partition.batch([endpoint()], other);
    await expect(store.ingest(batch)).rejects.toMatchObject({
      code: 'EVENT_ID_REUSED',
      retriable: false,
    });
    expect(await query('select from event')).toHaveLength(together ? 0 : 1);
  });

  test('partitions that take in the same events in opposite orders do not lock each other out', async () => {
    const events = Array.from({ length: 40 }, (_, i) => ({ id: namedId(i), key: `case-${i}` }));
    const endpoints = [endpoint(), endpoint()];
    for (let round = 0; round < 5; round++) {
      const fresh = events.map(({ key }, i) => ({ key, id: namedId(round, i) }));
      const taken = await Promise.all(
        [0, 1, 2, 3].map((number) => {
          const partition = new Partition(number + round * 4);
          const order = number % 2 === 0 ? fresh : fresh.toReversed();
          return store.ingest(partition.batch(endpoints, ...order));
        }),
      );
      expect(taken.reduce((sum, { events: added }) => sum + added, 0)).toBe(40);
    }
  });

  test('events of an endpoint that was deleted before are stored as canceled', async () => {
    const gone = endpoint();
    await store.ingest(new Partition(0).batch([gone], {}));
    await store.deleteDestination(gone.id);
    await store.ingest(new Partition(1).batch([gone, endpoint()], {}));
    expect(await states()).toEqual(['canceled', 'canceled', 'pending']);
    expect(await drain(store)).toHaveLength(1);
  });

  test('an endpoint that was deleted before it was ever matched stays deleted, whatever a late batch says', async () => {
    const gone = endpoint();
    await store.deleteDestination(gone.id);
    await store.ingest(new Partition().batch([gone], {}));
    await store.setDestination({ endpointId: gone.id, ...gone, revision: 9 });
    expect(await drain(store)).toEqual([]);
    expect(await states()).toEqual(['canceled']);
  });

  test('an event that no endpoint wants is kept, and nothing is due', async () => {
    expect(await store.ingest(new Partition().batch([], {}))).toMatchObject({ events: 1 });
    expect(await query('select matched from event')).toEqual([{ matched: 0 }]);
  });
});

describe('a claim', () => {
  test('counts the attempt before it is made', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}));
    expect((await one()).attempt).toBe(1);
    expect(await query('select attempts from lane')).toEqual([{ attempts: 1 }]);
  });

  test('of a lane that is leased gives nothing to anybody, and after the lease to whoever comes', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}));
    const first = await one();
    expect(await store.claim(owner, 10)).toEqual([]);
    expect(await store.claim(randomUUID(), 10)).toEqual([]);
    await leaseEnds();
    const second = await one(randomUUID());
    expect(second).toMatchObject({ eventId: first.eventId, attempt: 2 });
    expect(second.epoch).not.toBe(first.epoch);
  });

  test('that was taken over changes nothing any more, not even by the same owner', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}, {}));
    const late = await one();
    await leaseEnds();
    const present = await one();
    expect(await store.finish(owner, [outcomeOf(late)])).toBe(0);
    expect(await store.release(owner, [late])).toBe(0);
    expect(await states()).toEqual(['pending', 'pending']);
    expect(await store.finish(owner, [outcomeOf(present)])).toBe(1);
    expect(await store.finish(owner, [outcomeOf(present)])).toBe(0);
    expect((await one()).seq).toBe('2');
  });

  test('that was taken over by its own owner changes nothing, not even written down together with the present one', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}, {}, {}));
    const late = await one();
    await leaseEnds();
    await store.finish(owner, [outcomeOf(await one())]);
    const present = await one();
    const outcomes = [outcomeOf(late, 'failed'), outcomeOf(present), outcomeOf(late)];
    expect(await store.finish(owner, outcomes)).toBe(1);
    expect(await states()).toEqual(['delivered', 'delivered', 'pending']);
    expect(await query('select from attempt')).toHaveLength(2);
  });

  test('whose lease has ended still counts while nobody else took the lane', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}));
    const head = await one();
    await leaseEnds();
    expect(await store.finish(owner, [outcomeOf(head)])).toBe(1);
    expect(await drain(store)).toEqual([]);
  });

  test('that was given back is due at once, and was no attempt', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}));
    const head = await one();
    expect(await store.release(owner, [head])).toBe(1);
    expect(await leftOver(database)).toMatchObject({ leased: 0, due: 1 });
    expect((await one(randomUUID())).attempt).toBe(1);
  });

  test('that has ended cannot be given back', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}, {}));
    const head = await one();
    await store.finish(owner, [outcomeOf(head)]);
    expect(await store.release(owner, [head])).toBe(0);
    const next = await one();
    expect(next.attempt).toBe(1);
    expect(await store.release(randomUUID(), [next])).toBe(0);
    expect(await leftOver(database)).toMatchObject({ leased: 1 });
  });

  test('passes over endpoints that are disabled, gone, or not to be called yet', async () => {
    const [disabled, gone, gated, open] = [endpoint(), endpoint(), endpoint(), endpoint()];
    await store.ingest(new Partition().batch([disabled, gone, gated, open], {}));
    await store.setDestination({
      endpointId: disabled.id,
      ...disabled,
      enabled: false,
      revision: 2,
    });
    await store.deleteDestination(gone.id);
    await query(
      `update destination set gate_until = now() + interval '1 h' where endpoint_id = $1`,
      [gated.id],
    );
    expect((await store.claim(owner, 10)).map(({ endpointId }) => endpointId)).toEqual([open.id]);
  });

  test('finds what an endpoint missed while it was disabled, in order', async () => {
    const sleeper = endpoint({ enabled: false });
    const partition = new Partition();
    await store.ingest(partition.batch([sleeper], {}, {}));
    await store.ingest(partition.batch([sleeper], {}));
    expect(await store.claim(owner, 10)).toEqual([]);
    await store.setDestination({ endpointId: sleeper.id, ...sleeper, enabled: true, revision: 2 });
    expect((await drain(store)).map(({ seq }) => seq)).toEqual(['1', '2', '3']);
  });

  test('takes no more than there are slots, and of each endpoint one before it takes two of any', async () => {
    const endpoints = Array.from({ length: 5 }, () => endpoint());
    const keys = Array.from({ length: 30 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch(endpoints, ...keys));
    const heads = await store.claim(owner, 5);
    expect(new Set(heads.map(({ endpointId }) => endpointId)).size).toBe(5);
    expect(heads).toHaveLength(5);
  });

  test('leaves slots for endpoints that come later, however many lanes of slow ones are due', async () => {
    const slow = [endpoint(), endpoint()];
    const keys = Array.from({ length: 200 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition(0).batch(slow, ...keys));
    let free = 128;
    for (let claims = 0; claims < 20; claims++) free -= (await store.claim(owner, free)).length;
    expect(free).toBeGreaterThanOrEqual(40);
    const late = endpoint();
    await store.ingest(new Partition(1).batch([late], {}));
    const heads = await store.claim(owner, free);
    expect(heads.map(({ endpointId }) => endpointId)).toContain(late.id);
  });

  test('with a single slot serves everybody in the end', async () => {
    const endpoints = Array.from({ length: 3 }, () => endpoint());
    await store.ingest(new Partition().batch(endpoints, {}, {}));
    for (let i = 0; i < 6; i++) await store.finish(owner, [outcomeOf(await one())]);
    expect(await leftOver(database)).toEqual({ pending: 0, due: 0, leased: 0 });
  });

  test('never exceeds an endpoint’s cap, however many claim at once', async () => {
    const keys = Array.from({ length: 60 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([endpoint()], ...keys));
    await query('update destination set max_in_flight = 5');
    const owners = Array.from({ length: 6 }, () => randomUUID());
    for (let round = 0; round < 6; round++) {
      const claimed = await Promise.all(owners.map((by) => store.claim(by, 60)));
      expect(await query('select from lane where owner is not null')).toHaveLength(5);
      for (const [i, heads] of claimed.entries())
        await store.finish(
          owners[i]!,
          heads.map((head) => outcomeOf(head)),
        );
    }
  });

  test('that another one is in the middle of makes nobody wait', async () => {
    await store.ingest(new Partition(0).batch([endpoint()], {}, { key: 'another' }));
    await inTransaction(database.pool, async (client) => {
      expect(await claim(client, owner, 1)).toHaveLength(1);
      expect(await store.claim(randomUUID(), 10)).toEqual([]);
      await store.ingest(new Partition(1).batch([endpoint()], { key: 'a third' }));
      expect(await store.claim(randomUUID(), 10)).toHaveLength(1);
    });
  });
});

describe('ten thousand due lanes of one endpoint', () => {
  const crowd = endpoint();
  const gather = async () => {
    await store.setDestination({ endpointId: crowd.id, ...crowd });
    const keys = Array.from({ length: 500 }, () => ({}));
    const partition = new Partition();
    for (let n = 0; n < 20; n++)
      await store.ingest(partition.batch([crowd], ...keys.map((_, i) => ({ key: `${n}/${i}` }))));
  };

  test.each([
    ['enabled', true],
    ['disabled', false],
  ])('that is %s do not keep another from the next claim', async (_, enabled) => {
    await gather();
    await store.setDestination({ endpointId: crowd.id, ...crowd, enabled, revision: 2 });
    const quiet = endpoint();
    await store.ingest(new Partition(1).batch([quiet], {}));
    const heads = await store.claim(owner, 8);
    expect(heads.map(({ endpointId }) => endpointId)).toContain(quiet.id);
  });
});

describe('an outcome', () => {
  test('that failed leaves the delivery at the head, due after the delay, and holds back only its own lane', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}, {}, { key: 'another' }));
    const heads = await store.claim(owner, 10);
    const failing = heads[0]!;
    await store.finish(
      owner,
      heads.map((head) =>
        head === failing ? outcomeOf(head, 'failed', { delayMs: 60_000 }) : outcomeOf(head),
      ),
    );
    expect((await store.claim(owner, 10)).map(({ laneId }) => laneId)).not.toContain(
      failing.laneId,
    );
    const [lane] = await query(
      `select head, attempts, extract(epoch from next_at - now())::int as wait from lane where id = $1`,
      [failing.laneId],
    );
    expect(lane).toMatchObject({ head: '1', attempts: 1 });
    expect(lane!.wait).toBeGreaterThan(55);
    const [attempt] = await query('select * from attempt where delivery_id = $1', [
      failing.deliveryId,
    ]);
    expect(attempt).toMatchObject({ number: 1, status: 500, error: 'HTTP_500' });
    expect(attempt!.next_attempt_at).toBeInstanceOf(Date);
  });

  test('that gave up lets the next delivery of the lane go, with an attempt count of its own', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}, {}));
    await store.finish(owner, [outcomeOf(await one(), 'failed')]);
    await store.finish(owner, [outcomeOf(await one(), 'exhausted')]);
    expect(await one()).toMatchObject({ seq: '2', attempt: 1 });
    expect(await states()).toEqual(['exhausted', 'pending']);
    expect(await query('select attempts, last_status from delivery order by id')).toEqual([
      { attempts: 2, last_status: 500 },
      { attempts: 0, last_status: null },
    ]);
  });

  test('stands in the partition of its day', async () => {
    await store.ingest(new Partition().batch([endpoint()], {}));
    await store.finish(owner, [outcomeOf(await one())]);
    expect(await query('select tableoid::regclass::text as part from attempt')).toEqual([
      { part: 'attempt_default' },
    ]);
  });
});

describe('a registry that says', () => {
  test('something older than what is known changes nothing', async () => {
    const known = endpoint({ revision: 5, enabled: false });
    await store.setDestination({ endpointId: known.id, ...known });
    await store.setDestination({ endpointId: known.id, ...known, revision: 4, enabled: true });
    await store.ingest(new Partition().batch([{ ...known, revision: 3, enabled: true }], {}));
    expect(await store.claim(owner, 1)).toEqual([]);
  });

  test('that an endpoint is gone cancels what is open, and the answer under way changes nothing', async () => {
    const gone = endpoint();
    await store.ingest(new Partition().batch([gone, endpoint()], {}, {}));
    const heads = await store.claim(owner, 10);
    const head = heads.find(({ endpointId }) => endpointId === gone.id)!;
    await store.deleteDestination(gone.id);
    await store.deleteDestination(gone.id);
    expect(await store.finish(owner, [outcomeOf(head)])).toBe(0);
    expect((await states()).toSorted()).toEqual(['canceled', 'canceled', 'pending', 'pending']);
  });
});

describe('an erasure', () => {
  const partner = endpoint();
  const erased = (key: string, over = {}) => ({ type: 'case.erased', key, data: { key }, ...over });

  test('cancels what is open for its key and scrubs all that is stored of it, of no other key', async () => {
    const partition = new Partition();
    await store.ingest(partition.batch([partner], { key: 'a' }, { key: 'b' }));
    await drain(store);
    await store.ingest(
      partition.batch([partner], { key: 'a', feature: 'extraction' }, { key: 'b' }),
    );
    await store.ingest(partition.batch([], erased('a')));
    const rows = await query(
      `select e.key, d.state, d.body is null as scrubbed, e.data is null as empty, a.response_body is null as silent
       from delivery d join event e on e.id = d.event_id left join attempt a on a.delivery_id = d.id order by d.id`,
    );
    expect(rows).toEqual([
      { key: 'a', state: 'delivered', scrubbed: true, empty: true, silent: true },
      { key: 'b', state: 'delivered', scrubbed: false, empty: false, silent: false },
      { key: 'a', state: 'canceled', scrubbed: true, empty: true, silent: true },
      { key: 'b', state: 'pending', scrubbed: false, empty: false, silent: true },
    ]);
  });

  test('makes an answer that is under way count for nothing, and keeps nothing of it', async () => {
    const partition = new Partition();
    await store.ingest(partition.batch([partner], { key: 'a' }));
    const head = await one();
    await store.ingest(partition.batch([], erased('a')));
    expect(await store.finish(owner, [outcomeOf(head)])).toBe(0);
    expect(await states()).toEqual(['canceled']);
    expect(await query('select from attempt')).toEqual([]);
  });

  test('reaches events that have no order, too', async () => {
    const partition = new Partition();
    await store.ingest(
      partition.batch([partner], { key: 'a', eventType: { ordering: 'none' } }, { key: 'b' }),
    );
    await store.ingest(partition.batch([], erased('a')));
    expect(await states()).toEqual(['canceled', 'pending']);
  });

  test('is itself delivered to whom it concerns, before or behind what it canceled in the same batch', async () => {
    const team = endpoint();
    const id = randomUUID();
    await store.ingest(
      new Partition().batch([team], { key: 'a' }, { key: 'a' }, erased('a', { id }), { key: 'a' }),
    );
    expect(await states()).toEqual(['canceled', 'canceled', 'canceled', 'pending']);
    const [head] = await drain(store);
    expect(head).toMatchObject({ eventId: id, seq: '4' });
    expect(head!.body.toString()).toContain('case.erased');
  });

  test('that is taken in again does not cancel itself', async () => {
    const event = incomingEvent(erased('a', { id: randomUUID() }));
    await store.ingest(batchOf([partner], [{ ...event, offset: 0n }]));
    await store.ingest(batchOf([partner], [{ ...event, offset: 1n }]));
    expect(await drain(store)).toHaveLength(1);
  });
});
