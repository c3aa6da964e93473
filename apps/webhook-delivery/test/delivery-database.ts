import { migrate } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import { expect } from 'vitest';

import { PostgresLaneStore } from '../src/engine/store/postgres-lane-store.ts';
import { migrations } from '../src/migrations/index.ts';
import type { LaneInspection } from './lane-inspection.ts';
import { inspectPostgres } from './postgres-inspection.ts';

export interface DeliveryDatabase extends TestDatabase {
  store: PostgresLaneStore;
  inspect: LaneInspection;
  /** Removes all rows; quicker than truncating, for the few that a test makes. */
  clear(): Promise<void>;
}

// Those that refer to others first.
const tables = [
  'attempt',
  'undelivered',
  'delivery',
  'lane',
  'destination',
  'callback_host',
  'event',
  'replay_job',
  'intake_cursor',
  'delivery_event',
  'alert',
  'notification',
];

const noAutovacuum = `
  do $$ declare one regclass; begin
    for one in select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
      execute format('alter table %s set (autovacuum_enabled = false)', one);
    end loop;
  end $$`;

/**
 * A database of the service, with `lane_faults()`: everything in it that must never be, in one place. Nothing is analyzed but
 * on demand: what a statement costs does not depend on when autovacuum came by.
 */
export async function deliveryDatabase(): Promise<DeliveryDatabase> {
  const database = await testDatabase();
  await migrate(database.url, migrations);
  await database.pool.query(laneFaultsFunction);
  await database.pool.query(noAutovacuum);
  return {
    ...database,
    store: new PostgresLaneStore(database.pool, {
      random: () => 0.5,
      onHealthUpdateFailed: (error) => {
        throw error;
      },
    }),
    inspect: inspectPostgres(database.pool),
    async clear() {
      for (const table of tables) await database.pool.query(`delete from ${table}`);
    },
  };
}

const laneFaultsFunction = `
  create function lane_faults() returns table (fault text, lane bigint, seq bigint) language sql as $$
    select 'pending outside head and tail', l.id, d.seq from delivery d join lane l on l.id = d.lane_id
      where d.state = 'pending' and (d.seq < l.head or d.seq > l.tail)
    union all
    select 'settled at or above head', l.id, d.seq from delivery d join lane l on l.id = d.lane_id
      where d.state <> 'pending' and d.seq >= l.head
    union all
    select 'head beyond tail + 1', id, head from lane where head > tail + 1
    union all
    select 'places of a lane are not 1 to tail', l.id, l.tail from lane l
      left join delivery d on d.lane_id = l.id group by l.id
      having count(d.id) <> l.tail or coalesce(max(d.seq), 0) <> l.tail or coalesce(min(d.seq), 1) <> 1
    union all
    select 'an lease holder without a lease, or a lease without an lease holder', id, head from lane
      where (lease_holder is null) <> (leased_until = '-infinity')
    union all
    select 'delivery in a lane of another destination', l.id, d.seq from delivery d join lane l on l.id = d.lane_id
      where d.destination_id <> l.destination_id
    union all
    select 'open for a deleted destination', d.lane_id, d.seq from delivery d
      join destination t on t.id = d.destination_id where t.deleted and d.state = 'pending'
    union all
    select 'settled without a time, or a time without being settled', lane_id, d.seq from delivery d
      where (d.settled_at is null) <> (d.state = 'pending')
    union all
    select 'attempts do not fit', d.lane_id, d.seq from delivery d
      where d.attempts <> coalesce(
        (select number from attempt a where a.delivery_id = d.id order by started_at desc, number desc limit 1), 0)
    union all
    -- Only what was blocked begins again.
    select 'an attempt is on record twice', d.lane_id, d.seq from delivery d join (
      select delivery_id, number, lag(number) over w as before, lag(next_attempt_at) over w as followed,
        lag(status) over w as answered
      from attempt window w as (partition by delivery_id order by started_at, number)) a on a.delivery_id = d.id
      where a.number <= a.before and (a.followed is not null or a.answered between 200 and 299)
    union all
    select 'the gap is not what was given up before the head', l.id, l.head from lane l
      where l.gap <> l.head - 1 - coalesce(
        (select max(d.seq) from delivery d where d.lane_id = l.id and d.seq < l.head and d.state = 'delivered'), 0)
    union all
    select 'blocked, and nothing at its head, or somebody at it', id, head from lane
      where blocked and (head > tail or lease_holder is not null)
    union all
    select 'delivery in a lane of another replay', l.id, d.seq from delivery d join lane l on l.id = d.lane_id
      where d.replay_job <> l.replay_job
    union all
    select 'given up, and not on record as such', d.lane_id, d.seq from delivery d
      where (d.state in ('exhausted', 'expired')) <> exists (
        select from undelivered g where g.delivery_id = d.id and g.destination_id = d.destination_id)
    union all
    select 'delivered without an answer of 2xx, or exhausted with one', d.lane_id, d.seq from delivery d
      where d.state in ('delivered', 'exhausted')
        and (d.state = 'delivered') <> exists (
          select from attempt a where a.delivery_id = d.id and a.status between 200 and 299)
    union all
    select 'more or fewer deliveries than matched', null, null from event e
      left join delivery d on d.event_id = e.id and d.replay_job = 0 group by e.id having count(d.id) <> e.matched
  $$`;

/** Nothing that must never be. */
export async function expectNoFaults({ pool }: Pick<DeliveryDatabase, 'pool'>): Promise<void> {
  expect((await pool.query('select * from lane_faults()')).rows).toEqual([]);
}

/** What is open, and what is due, anywhere. */
export async function leftOver({
  pool,
}: Pick<DeliveryDatabase, 'pool'>): Promise<{ pending: number; due: number; leased: number }> {
  const { rows } = await pool.query<{ pending: number; due: number; leased: number }>(
    `select (select count(*)::int from delivery where state = 'pending') as pending,
       (select count(*)::int from lane where head <= tail) as due,
       (select count(*)::int from lane where lease_holder is not null) as leased`,
  );
  return rows[0]!;
}
