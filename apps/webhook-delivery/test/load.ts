import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Endpoint } from '@casewire/contracts';
import { repeatEvery, type Stoppable } from '@casewire/service';
import { createLogger } from '@casewire/telemetry';
import { Agent } from 'undici';

import { AttemptWriter } from '../src/engine/dispatch/attempt-writer.ts';
import { Dispatcher } from '../src/engine/dispatch/dispatcher.ts';
import type { LaneStore } from '../src/model/lane-store.ts';
import { leftOver, type DeliveryDatabase } from './delivery-database.ts';
import { endpoint, namedId, Partition, type EventOver } from './events.ts';
import { Receivers, type PublishedEvent } from './load-receivers.ts';
import { randomFrom } from './random.ts';

export interface Load {
  seed: number;
  partitions: number;
  batches: number;
  batchSize: number;
  /** Keys over all partitions. */
  keys: number;
  /** The share of records on a random partition instead of their key's own. Default: 0.05. */
  misplacedShare?: number;
  endpoints: number;
  /** How many instances send. */
  instances: number;
  /** The in-flight limit of each endpoint, over all instances. */
  maxInFlight?: number;
  /** For this time, shortly after the start, every endpoint answers 503. */
  outageMs?: number;
  /** Ends leases while their holders are still sending, so that lanes are claimed again. */
  endLeases?: boolean;
}

/** The methods of a lane store that the load uses. */
export type LoadedStore = Pick<LaneStore, 'ingest' | 'claim' | 'recordResults' | 'release'>;

export interface LoadReport {
  /** A description of each broken guarantee. */
  faults: string[];
  delivered: number;
  seconds: number;
}

const stalledMs = 8000;

/**
 * Ingests batches of several partitions, some of them twice, while several instances send due deliveries to endpoints that
 * sometimes fail. Waits until nothing changes any more, and compares the received requests and the database with the guarantees
 * of the lanes.
 * @param newStore creates the store of an instance: each sender and each reader has its own
 */
export async function runLoad(
  database: DeliveryDatabase,
  newStore: () => LoadedStore,
  load: Load,
): Promise<LoadReport> {
  const began = performance.now();
  const random = randomFrom(load.seed);
  const { maxInFlight = 64 } = load;
  const endpoints = Array.from({ length: load.endpoints }, () => endpoint({ maxInFlight }));
  const errors: string[] = [];
  const receivers = new Receivers(
    random,
    load.endLeases || load.maxInFlight ? 20 : 3,
    load.outageMs ?? 0,
  );
  const dispatchers = Array.from({ length: load.instances }, () =>
    dispatcherOn(newStore(), receivers, random, errors),
  );
  for (const one of dispatchers) one.start();
  const expiry = load.endLeases ? endLeases(database) : undefined;
  const published = await Promise.all(
    Array.from({ length: load.partitions }, (_, number) =>
      // Some partitions are read by an instance that also sends.
      publish(dispatchers[number] ?? newStore(), load, number, endpoints, random, errors),
    ),
  );
  await untilIdle(database, receivers);
  await expiry?.stop();
  await Promise.all(dispatchers.map((one) => one.stop()));
  const events = published.flat();
  const faults = [
    ...new Set(errors),
    ...receivers.faults(events, endpoints, load.endLeases === true),
    ...(load.endLeases || receivers.most <= maxInFlight
      ? []
      : [`an endpoint got ${receivers.most} requests at once`]),
    ...(await databaseFaults(database, events.length * endpoints.length)),
  ];
  const seconds = (performance.now() - began) / 1000;
  return { faults, delivered: receivers.accepted, seconds };
}

/** Ingests one partition's records, batch by batch. @returns its events, in their order */
async function publish(
  store: Pick<LaneStore, 'ingest'>,
  { partitions, batches, batchSize, keys, misplacedShare = 0.05 }: Load,
  number: number,
  endpoints: Endpoint[],
  random: () => number,
  errors: string[],
): Promise<PublishedEvent[]> {
  const partition = new Partition(number);
  const published: PublishedEvent[] = [];
  for (let b = 0; b < batches; b++) {
    const events = Array.from({ length: batchSize }, (): EventOver => {
      const again = published.length > 0 && random() < 0.02;
      if (again) return published[Math.floor(random() * published.length)]!;
      const own = Math.floor((random() * keys) / partitions) * partitions + number;
      const key = `case-${random() < misplacedShare ? Math.floor(random() * keys) : own}`;
      const n = published.length;
      const event = { id: namedId(number, n), key, data: { key, n }, partition: number, n };
      published.push(event);
      return event;
    });
    const batch = partition.batch(endpoints, ...events);
    try {
      const ingests = [store.ingest(batch)];
      // A redelivery, or a reader that has not noticed yet that it lost the partition.
      if (random() < 0.1) ingests.push(store.ingest(batch));
      await Promise.all(ingests);
    } catch (error) {
      errors.push(`a batch could not be ingested: ${(error as Error).message}`);
    }
  }
  return published;
}

function dispatcherOn(
  store: LoadedStore,
  receivers: Receivers,
  random: () => number,
  errors: string[],
): Dispatcher {
  const leaseHolder = randomUUID();
  const fail = (line: { event: string; error?: unknown }) =>
    errors.push(`${line.event}: ${(line.error as Error | undefined)?.message}`);
  const logger = { info: () => {}, warn: fail, error: fail };
  const http = new Agent();
  return new Dispatcher({
    leaseHolder,
    slots: 48,
    store,
    attemptWriter: new AttemptWriter(store, leaseHolder, logger),
    targetOf: ({ endpointId }) => ({
      url: endpointId!,
      secrets: [Buffer.alloc(32)],
      token: null,
      headers: {},
      http,
    }),
    policyOf: () => ({ delays: null, onExhausted: 'skip' }),
    send: (request) => receivers.receive(request),
    now: () => new Date(),
    monotonic: () => performance.now(),
    random,
    // Makes the longest delay of the schedule shorter than `stalledMs`.
    timeFactor: 0.00001,
    logger,
    idleMs: 10,
  });
}

async function databaseFaults(database: DeliveryDatabase, expected: number): Promise<string[]> {
  const { pool } = database;
  const { rows: broken } = await pool.query<{ fault: string; n: number }>(
    'select fault, count(*)::int as n from lane_faults() group by 1',
  );
  const { rows: counts } = await pool.query<{ state: string; n: number }>(
    'select state, count(*)::int as n from delivery group by 1',
  );
  const delivered = counts.find(({ state }) => state === 'delivered')?.n ?? 0;
  const left = await leftOver(database);
  return [
    ...broken.map(({ fault, n }) => `${n} times: ${fault}`),
    ...(left.pending + left.due + left.leased === 0 ? [] : [`left over: ${JSON.stringify(left)}`]),
    ...(delivered === expected ? [] : [`${delivered} of ${expected} are on record as delivered`]),
  ];
}

/** Resolves when no lane is due or leased, or no request was sent for much longer than any delay between attempts. */
async function untilIdle({ pool }: DeliveryDatabase, receivers: Receivers): Promise<void> {
  let count = -1;
  let since = performance.now();
  while (performance.now() - since < stalledMs) {
    const { rowCount: moving } = await pool.query(
      'select from lane where head <= tail or lease_holder is not null limit 1',
    );
    if (moving === 0) return;
    if (receivers.count !== count) {
      count = receivers.count;
      since = performance.now();
    }
    await delay(20);
  }
}

const endLeases = ({ pool }: DeliveryDatabase): Stoppable =>
  repeatEvery(
    20,
    () =>
      pool.query(
        `update lane set leased_until = now() where id in (
           select id from lane where lease_holder is not null order by random() limit 2 for update skip locked)`,
      ),
    createLogger('load', 'warn'),
    'lease-ending',
  );
