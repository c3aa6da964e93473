import { randomUUID } from 'node:crypto';

import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  leftOver,
  type DeliveryDatabase,
} from '../testing/delivery-database.ts';
import { drain, placesByLane } from '../testing/drain.ts';
import { endpoint, outcomeOf, Partition } from '../testing/events.ts';
import { claim } from './claim.ts';
import { deleteDestination } from './delete-destination.ts';
import { upsertDestination } from './destination.sql.ts';
import { finish } from './finish.ts';
import { ingest } from './ingest.ts';

let database: DeliveryDatabase;
let rounds = 0;
let partitions = 0;
beforeAll(async () => {
  database = await deliveryDatabase();
});
afterAll(() => database.drop());

/** Two endpoints, three lanes (two of one, one of the other) with three deliveries each, and an owner at every head. */
async function lanes() {
  const { pool, store } = database;
  const round = rounds++;
  const [one, other] = [endpoint(), endpoint()];
  const keyOf = (key: Key) => `${round}${key}`;
  const partition = new Partition(partitions++);
  const three = (key: Key) => [1, 2, 3].map(() => ({ key: keyOf(key) }));
  await store.ingest(partition.batch([one], ...three('a'), ...three('b')));
  await store.ingest(partition.batch([other], ...three('c')));
  const owner = randomUUID();
  const heads = await store.claim(owner, 100);
  expect(heads).toHaveLength(3);
  const ids = new Map(
    (
      await pool.query<{ id: string; key: string }>('select id, key from lane where owner = $1', [
        owner,
      ])
    ).rows.map(({ id, key }) => [key, id]),
  );
  const headOf = (key: Key) => heads.find(({ laneId }) => laneId === ids.get(keyOf(key)))!;
  return { one, other, owner, keyOf, headOf };
}

type Lanes = Awaited<ReturnType<typeof lanes>>;
type Key = 'a' | 'b' | 'c';
type Operation = (client: PoolClient, lanes: Lanes, key: Key) => Promise<unknown>;

const endpointOf = ({ one, other }: Lanes, key: Key) => (key === 'c' ? other : one);

const operations: Record<string, Operation> = {
  // Another partition's batch than those before: a key may come on two, and what holds them apart is its lane alone.
  ingest: (client, set, key) =>
    ingest(
      client,
      new Partition(partitions++).batch(
        [endpointOf(set, key)],
        { key: set.keyOf(key) },
        { key: set.keyOf(key) },
        { key: `${set.keyOf(key)}-more` },
      ),
    ),
  // Another owner's, of a lane whose lease has just ended.
  claim: async (client) => expect((await claim(client, randomUUID(), 100)).length).toBeLessThan(4),
  finish: (client, { owner, headOf }, key) => finish(client, owner, [outcomeOf(headOf(key))]),
  'give up': (client, { owner, headOf }, key) =>
    finish(client, owner, [outcomeOf(headOf(key), 'exhausted')]),
  enable: (client, set, key) =>
    upsertDestination(client, {
      endpointId: endpointOf(set, key).id,
      ...endpointOf(set, key),
      revision: 5,
    }),
  delete: (client, set, key) => deleteDestination(client, endpointOf(set, key).id),
};

const scenes: { where: string; keys: [Key, Key] }[] = [
  { where: 'the same lane', keys: ['a', 'a'] },
  { where: 'another lane of the same destination', keys: ['a', 'b'] },
  { where: 'another destination', keys: ['a', 'c'] },
];

async function begun(client: PoolClient): Promise<number> {
  await client.query('begin');
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

/** Resolves when the operation has ended, or waits for the transaction that is held open. */
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
  for (const [operation, key] of [[first, keys[0]] as const, [second, keys[1]] as const]) {
    if (operation !== operations.claim) continue;
    await database.pool.query('update lane set leased_until = now() where id = $1', [
      set.headOf(key).laneId,
    ]);
  }
  const [holder, other] = [await database.pool.connect(), await database.pool.connect()];
  try {
    await begun(holder);
    const pid = await begun(other);
    await first(holder, set, keys[0]);
    const running = second(other, set, keys[1]);
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
  // Who was at a head and did not finish has died: the leases end.
  await pool.query(`update lane set leased_until = now() where owner is not null`);
  const places = placesByLane(await drain(store));
  for (const seen of Object.values(places)) {
    expect(seen).toEqual(seen.map((_, i) => seen[0]! + i));
  }
  await expectNoFaults(database);
  return leftOver(database);
}

const nothing = { pending: 0, due: 0, leased: 0 };

describe.each(Object.keys(operations))('while %s is not committed', (first) => {
  describe.each(Object.keys(operations))('%s', (second) => {
    for (const { where, keys } of scenes) {
      for (const end of ['commit', 'rollback']) {
        test(`in ${where}, which then ends with a ${end}, leaves nothing stuck`, async () => {
          await interleave(operations[first]!, operations[second]!, keys, end);
          expect(await drained()).toEqual(nothing);
        });
      }
    }
  });
});

test('a deletion waits for a batch that matched the endpoint, and cancels what it brought', async () => {
  const { outcome, set } = await interleave(
    operations.ingest!,
    operations.delete!,
    ['a', 'a'],
    'commit',
  );
  expect(outcome).toBe('waits');
  const { rows } = await database.pool.query(
    `select distinct state from delivery d join lane l on l.id = d.lane_id where key like $1`,
    [`${set.keyOf('a')}%`],
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
  await database.store.finish(set.owner, [outcomeOf(set.headOf('b'))]);
  const holder = await database.pool.connect();
  await holder.query('begin');
  await operations.ingest!(holder, set, 'a');
  const heads = await database.store.claim(randomUUID(), 100);
  expect(heads.map(({ seq }) => seq)).toEqual(['2']);
  await holder.query('commit');
  holder.release();
  expect(await drained()).toEqual(nothing);
});
