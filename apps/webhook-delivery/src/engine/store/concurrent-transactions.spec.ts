import { randomUUID } from 'node:crypto';

import type { PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  leftOver,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { drain, placesByLane } from '../../../test/drain.ts';
import { callback, endpoint, resultOf, Partition } from '../../../test/events.ts';
import { replayOf } from '../../../test/lane-store/replays.suite.ts';
import type { AttemptResult } from '../../model/lane-store.ts';
import { advanceDueTimes } from './advance-due-times.ts';
import { cancelReplay } from './cancel.ts';
import { claim } from './claim.ts';
import { deleteDestination } from './delete-destination.ts';
import { resume, suspend, upsertDestination } from './destination.sql.ts';
import { expireAt } from './expire.ts';
import { ingest } from './ingest.ts';
import { ingestOptimistically, OptimisticIngestFailed } from './optimistic-ingest.ts';
import { recordResults } from './record-results.ts';
import { enqueueReplay } from './replay.ts';
import { suspendFailing } from './suspend-failing.ts';
import { unblock } from './unblock.ts';
import { updateHealth } from './update-health.ts';

let database: DeliveryDatabase;
let partitions = 0;
beforeAll(async () => {
  database = await deliveryDatabase();
});
afterEach(() => database.clear());
afterAll(() => database.drop());

/**
 * Two endpoints, three lanes (two of one, one of the other) with three deliveries each, an lease holder at every head, and a
 * replay of the first endpoint's deliveries that has begun.
 */
async function lanes() {
  const { pool, store } = database;
  const [one, other] = [endpoint(), endpoint()];
  const partition = new Partition(partitions++);
  const three = (key: Key) => [1, 2, 3].map(() => ({ key }));
  const batches = [
    partition.batch([one], ...three('a'), ...three('b')),
    partition.batch([other], ...three('c')),
  ];
  for (const batch of batches) await store.ingest(batch);
  const leaseHolder = randomUUID();
  const heads = await store.claim(leaseHolder, 100);
  expect(heads).toHaveLength(3);
  const { rows } = await pool.query<{ id: string; key: string }>(
    'select l.id, l.key from lane l join destination d on d.id = l.destination_id where d.endpoint_id is not null',
  );
  const ids = new Map(rows.map(({ id, key }) => [key, id]));
  const headOf = (key: Key) => heads.find(({ laneId }) => laneId === ids.get(key))!;
  const itemsOf = (key: Key) => batches.flatMap(replayOf).filter(({ lane }) => lane.key === key);
  await store.enqueueReplay('1', headOf('a').destinationId, itemsOf('a').slice(0, 1));
  await store.enqueueReplay('1', headOf('c').destinationId, itemsOf('c').slice(0, 1));
  return { one, other, leaseHolder, headOf, itemsOf };
}

type Lanes = Awaited<ReturnType<typeof lanes>>;
type Key = 'a' | 'b' | 'c';
interface Operation {
  /** What it needs to find, before either of the two begins. */
  before?: (lanes: Lanes, key: Key) => Promise<unknown>;
  run: (client: PoolClient, lanes: Lanes, key: Key) => Promise<unknown>;
}

const endpointOf = ({ one, other }: Lanes, key: Key) => (key === 'c' ? other : one);

const leaseEnds = ({ headOf }: Lanes, key: Key) =>
  database.pool.query(
    'update lane set leased_until = now() where id = $1 and lease_holder is not null',
    [headOf(key).laneId],
  );
const blocked = ({ leaseHolder, headOf }: Lanes, key: Key) =>
  database.store.recordResults(leaseHolder, [resultOf(headOf(key), 'blocked')]);
const hourFromNow = () => new Date(Date.now() + 3_600_000);

// Another partition's batch than those before: a key may come on two, and what holds them apart is its lane alone.
const batchFor = (set: Lanes, key: Key, over = {}) =>
  new Partition(partitions++).batch(
    [endpointOf(set, key)],
    { key },
    { key, ...over },
    { key: `${key}-more` },
  );
const ending =
  (outcome: AttemptResult['outcome']): Operation['run'] =>
  (client, { leaseHolder, headOf }, key) =>
    recordResults(client, leaseHolder, [resultOf(headOf(key), outcome)]);

const operations: Record<string, Operation> = {
  ingest: { run: (client, set, key) => ingest(client, batchFor(set, key)) },
  'ingest with an offer': {
    run: (client, set, key) =>
      ingest(client, batchFor(set, key), { leaseHolder: randomUUID(), slots: 4 }),
  },
  'ingest as expected': {
    run: async (client, set, key) => {
      const [batch, offer] = [batchFor(set, key), { leaseHolder: randomUUID(), slots: 4 }];
      const known = new Map([[endpointOf(set, key).id, set.headOf(key).destinationId]]);
      await client.query('savepoint expected');
      try {
        await (
          await ingestOptimistically(client, [batch], offer, known)
        ).heads;
      } catch (error) {
        if (!(error instanceof OptimisticIngestFailed)) throw error;
        // The store begins anew; what was blocked since here is let go in the same way.
        await client.query('rollback to savepoint expected');
        await ingest(client, batch, offer);
      }
    },
  },
  erase: { run: (client, set, key) => ingest(client, batchFor(set, key, { type: 'case.erased' })) },
  // Another lease holder's, of a lane whose lease has just ended.
  claim: {
    before: leaseEnds,
    run: (client) => claim(client, { leaseHolder: randomUUID(), slots: 100 }, '0'),
  },
  'advance the clock': {
    run: (client, { one }) => advanceDueTimes(client, one, 3600),
  },
  finish: { run: ending('delivered') },
  'give up': { run: ending('exhausted') },
  hold: { run: ending('blocked') },
  'write down health': {
    run: (client, { headOf }, key) => {
      const { deliveryId, destinationId } = headOf(key);
      const attempts = [{ deliveryId, claimedAt: Date.now() }];
      const failed = [resultOf(headOf(key), 'failed', { status: 503 })];
      return updateHealth(client, [{ destinationId, host: null, attempts }], failed, () => 0.5);
    },
  },
  retry: {
    before: blocked,
    run: (client, { headOf }, key) => unblock(client, { laneId: headOf(key).laneId }, 'retry'),
  },
  skip: {
    before: blocked,
    run: (client, { headOf }, key) =>
      unblock(client, { deliveryId: headOf(key).deliveryId }, 'skip'),
  },
  replay: {
    run: (client, { headOf, itemsOf }, key) =>
      enqueueReplay(client, '1', headOf(key).destinationId, itemsOf(key)),
  },
  resend: {
    run: (client, { headOf, itemsOf }, key) =>
      enqueueReplay(client, '2', headOf(key).destinationId, itemsOf(key).slice(0, 1)),
  },
  'cancel the replay': { run: (client) => cancelReplay(client, '1') },
  expire: {
    before: async (set, key) => {
      await leaseEnds(set, key);
      await database.store.suspend(endpointOf(set, key).id, 'failing');
    },
    run: (client, { headOf }, key) =>
      expireAt(client, headOf(key).destinationId, hourFromNow(), '0'),
  },
  suspend: { run: (client, set, key) => suspend(client, endpointOf(set, key).id, 'failing') },
  sweep: {
    before: () =>
      database.pool.query(
        `update destination set failing_since = now() - interval '1 hour', failed_at = now()`,
      ),
    run: (client) => suspendFailing(client, new Date(), 60_000),
  },
  resume: {
    before: (set, key) => database.store.suspend(endpointOf(set, key).id, 'failing'),
    run: (client, set, key) => resume(client, endpointOf(set, key).id),
  },
  enable: {
    run: (client, set, key) =>
      upsertDestination(client, {
        endpointId: endpointOf(set, key).id,
        ...endpointOf(set, key),
        revision: 5,
      }),
  },
  delete: { run: (client, set, key) => deleteDestination(client, endpointOf(set, key).id) },
};

/**
 * In the same lane every pair both ways: the lane tells which of the two was first. Elsewhere one way round; of what is at
 * another destination a batch alone holds more than its own.
 */
const scenes: {
  where: string;
  keys: [Key, Key];
  end: string;
  takes: (first: string, second: string) => boolean;
}[] = [
  { where: 'the same lane', keys: ['a', 'a'], end: 'commit', takes: () => true },
  {
    where: 'the same lane, and rolled back,',
    keys: ['a', 'a'],
    end: 'rollback',
    takes: (first, second) => first <= second,
  },
  {
    where: 'another lane of the same destination',
    keys: ['a', 'b'],
    end: 'commit',
    takes: (first, second) => first <= second,
  },
  {
    where: 'another destination',
    keys: ['a', 'c'],
    end: 'commit',
    takes: (first, second) => first.startsWith('ingest') || second.startsWith('ingest'),
  },
];

async function begun(client: PoolClient): Promise<number> {
  await client.query('begin');
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

/** Resolves when the operation has ended, or waits for the transaction that is blocked open. */
async function endedOrWaiting(
  operation: Promise<unknown>,
  pid: number,
): Promise<'ended' | 'waits'> {
  let ended = false;
  void operation.then(
    () => (ended = true),
    () => (ended = true),
  );
  for (;;) {
    const { rows } = await database.pool.query<{ waits: boolean }>(
      'select cardinality(pg_blocking_pids($1)) > 0 as waits',
      [pid],
    );
    if (ended) return 'ended';
    if (rows[0]!.waits) return 'waits';
  }
}

async function interleave(first: Operation, second: Operation, keys: [Key, Key], end: string) {
  const set = await lanes();
  await first.before?.(set, keys[0]);
  await second.before?.(set, keys[1]);
  const [holder, other] = [await database.pool.connect(), await database.pool.connect()];
  try {
    await begun(holder);
    const pid = await begun(other);
    await first.run(holder, set, keys[0]);
    const running = second.run(other, set, keys[1]);
    const outcome = await endedOrWaiting(running, pid);
    await holder.query(end);
    await running;
    await other.query('commit');
    return { outcome, set };
  } finally {
    holder.release();
    other.release();
  }
}

/** What is left once everybody who still can has delivered; what must never be is not, before and after. */
async function drained() {
  const { store, pool } = database;
  await expectNoFaults(database);
  // Who was at a head and did not finish has died, and whatever was closed or blocked is open again.
  await pool.query(`update lane set leased_until = now() where lease_holder is not null`);
  await pool.query(`update destination set suspended_at = null, gate_until = '-infinity'`);
  await pool.query(`update lane set blocked = false where blocked`);
  const places = placesByLane(await drain(store));
  for (const seen of Object.values(places)) {
    expect(seen).toEqual(seen.map((_, i) => seen[0]! + i));
  }
  await expectNoFaults(database);
  return leftOver(database);
}

const nothing = { pending: 0, due: 0, leased: 0 };

const names = Object.keys(operations);
const pairs = names.flatMap((first) =>
  names.flatMap((second) =>
    scenes
      .filter(({ takes }) => takes(first, second))
      .map((scene) => ({ first, second, ...scene })),
  ),
);

test.each(pairs)(
  'while $first is not committed $second in $where leaves nothing stuck',
  async ({ first, second, keys, end }) => {
    await interleave(operations[first]!, operations[second]!, keys, end);
    expect(await drained()).toEqual(nothing);
  },
);

test('a deletion waits for a batch that matched the endpoint, and cancels what it brought', async () => {
  const { outcome, set } = await interleave(
    operations.ingest!,
    operations.delete!,
    ['a', 'a'],
    'commit',
  );
  expect(outcome).toBe('waits');
  const { rows } = await database.pool.query(
    'select distinct state from delivery where destination_id = $1',
    [set.headOf('a').destinationId],
  );
  expect(rows).toEqual([{ state: 'canceled' }]);
  expect(await drained()).toEqual(nothing);
});

test('a batch does not make other destinations wait', async () => {
  const { outcome } = await interleave(
    operations.ingest!,
    operations.finish!,
    ['a', 'c'],
    'commit',
  );
  expect(outcome).toBe('ended');
  expect(await drained()).toEqual(nothing);
});

test('a batch does not keep a claim from taking other lanes of the destinations that it matched', async () => {
  const set = await lanes();
  await database.store.recordResults(set.leaseHolder, [resultOf(set.headOf('b'))]);
  const holder = await database.pool.connect();
  await holder.query('begin');
  await operations.ingest!.run(holder, set, 'a');
  const heads = await database.store.claim(randomUUID(), 100);
  const live = heads.filter(({ replayJob }) => replayJob === null);
  expect(live.map(({ seq }) => seq)).toEqual(['2']);
  await holder.query('commit');
  holder.release();
  expect(await drained()).toEqual(nothing);
});

describe('a callback URL that one batch erases and another one brings again', () => {
  const shared = { callback: callback('https://one.test/shared') };
  const erases: Operation['run'] = (client) =>
    ingest(client, new Partition(1001).batch([], { key: 'a', type: 'case.erased' }));
  const brings: Operation['run'] = (client) =>
    ingest(client, new Partition(1002).batch([shared], { key: 'other' }));

  test.each([
    ['after', erases, brings],
    ['before', brings, erases],
  ])('is there, whether it is brought %s', async (_, first, second) => {
    await database.store.ingest(new Partition(1000).batch([shared], { key: 'a' }));
    await drain(database.store);
    const { outcome } = await interleave({ run: first }, { run: second }, ['a', 'a'], 'commit');
    expect(outcome).toBe('waits');
    const urls = (await database.inspect.destinations()).filter(({ host }) => host !== null);
    expect(urls).toMatchObject([{ callbackUrl: shared.callback.sealedUrl }]);
    expect(await drained()).toEqual(nothing);
  });
});
