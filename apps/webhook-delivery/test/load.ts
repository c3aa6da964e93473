import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Endpoint } from '@casewire/contracts';
import { repeatEvery, type Stoppable } from '@casewire/service';
import { createLogger } from '@casewire/telemetry';
import { Agent } from 'undici';

import { AttemptWriter } from '../src/engine/dispatch/attempt-writer.ts';
import { Dispatcher } from '../src/engine/dispatch/dispatcher.ts';
import type { SendResult, OutgoingRequest } from '../src/engine/dispatch/sender.ts';
import type { LaneStore } from '../src/model/lane-store.ts';
import { leftOver, type DeliveryDatabase } from './delivery-database.ts';
import { endpoint, namedId, Partition, type EventOver } from './events.ts';
import { randomFrom } from './random.ts';

export interface Load {
  seed: number;
  partitions: number;
  batches: number;
  batchSize: number;
  /** Keys over all partitions. */
  keys: number;
  /** The share of records that come on any partition instead of their key's own; a twentieth unless said. */
  strays?: number;
  endpoints: number;
  owners: number;
  /** What each endpoint may get at once, over all owners. */
  maxInFlight?: number;
  /** For so long, soon after the start, every endpoint answers that it is overloaded. */
  outageMs?: number;
  /** Ends leases while their owners are still sending, so that lanes are taken over. */
  endLeases?: boolean;
}

/** What of a lane store the load needs. */
export type LoadedStore = Pick<LaneStore, 'ingest' | 'claim' | 'recordResults' | 'release'>;

export interface LoadReport {
  /** What went wrong, in words; empty for lanes that keep what they promise. */
  faults: string[];
  delivered: number;
  seconds: number;
}

const failureRate = 0.05;
const stalledMs = 8000;
const outageAfterMs = 100;

/**
 * Takes in batches of several partitions, some of them twice, while several owners send what is due to endpoints that fail
 * now and then; waits until nothing moves any more, and holds what the endpoints saw, and what the database has, against
 * what the lanes promise.
 * @param newStore makes the store of an instance: each lease holder and each reader has its own
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
  const dispatchers = Array.from({ length: load.owners }, () =>
    dispatcherOn(newStore(), receivers, random, errors),
  );
  for (const one of dispatchers) one.start();
  const expiry = load.endLeases ? endLeases(database) : undefined;
  const published = await Promise.all(
    Array.from({ length: load.partitions }, (_, number) =>
      // Some of the partitions are read by a process that sends, too.
      publish(dispatchers[number] ?? newStore(), load, number, endpoints, random, errors),
    ),
  );
  await untilStill(database, receivers);
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

/** One partition's records, batch by batch; @returns its events in their order */
async function publish(
  store: Pick<LaneStore, 'ingest'>,
  { partitions, batches, batchSize, keys, strays = 0.05 }: Load,
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
      const key = `case-${random() < strays ? Math.floor(random() * keys) : own}`;
      const n = published.length;
      const event = { id: namedId(number, n), key, data: { key, n }, partition: number, n };
      published.push(event);
      return event;
    });
    const batch = partition.batch(endpoints, ...events);
    try {
      const taking = [store.ingest(batch)];
      // A redelivery, or a reader that lost the partition and does not know it yet.
      if (random() < 0.1) taking.push(store.ingest(batch));
      await Promise.all(taking);
    } catch (error) {
      errors.push(`a batch could not be taken in: ${(error as Error).message}`);
    }
  }
  return published;
}

interface PublishedEvent extends EventOver {
  id: string;
  key: string;
  partition: number;
  n: number;
}

function dispatcherOn(
  lanes: LoadedStore,
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
    store: lanes,
    attemptWriter: new AttemptWriter(lanes, leaseHolder, logger),
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
    // The longest wait of the schedule is then shorter than what counts as standing still.
    timeFactor: 0.00001,
    logger,
    idleMs: 10,
  });
}

/** The endpoints: each keeps what it was sent, in that order, and whether it accepted it. */
class Receivers {
  accepted = 0;
  /** Requests that one of them got at once. */
  most = 0;
  private readonly underWay = new Map<string, number>();
  private readonly began = performance.now();
  private readonly seen: { lane: string; sequence: number; id: string; accepted: boolean }[] = [];
  private readonly early: string[] = [];
  private readonly acceptedUpTo = new Map<string, number>();

  constructor(
    private readonly random: () => number,
    private readonly slowMs: number,
    private readonly outageMs: number,
  ) {}

  async receive(request: OutgoingRequest): Promise<SendResult> {
    const { url } = request;
    const now = (this.underWay.get(url) ?? 0) + 1;
    this.underWay.set(url, now);
    this.most = Math.max(this.most, now);
    const answer = await this.answer(request);
    this.underWay.set(url, this.underWay.get(url)! - 1);
    return answer;
  }

  private async answer({ url, headers, body }: OutgoingRequest): Promise<SendResult> {
    const key = (JSON.parse(body.toString()) as { payload: { key: string } }).payload.key;
    const lane = `${url} ${key}`;
    const sequence = Number(headers['webhook-sequence']);
    if (sequence > (this.acceptedUpTo.get(lane) ?? 0) + 1)
      this.early.push(`${sequence} was sent before the one before it was accepted`);
    await delay(this.random() * this.slowMs);
    const since = performance.now() - this.began - outageAfterMs;
    const away = since > 0 && since < this.outageMs;
    const accepted = !away && this.random() >= failureRate;
    this.seen.push({ lane, sequence, id: `${url} ${headers['webhook-id']}`, accepted });
    if (accepted) {
      this.accepted++;
      this.acceptedUpTo.set(lane, Math.max(sequence, this.acceptedUpTo.get(lane) ?? 0));
    }
    return { status: accepted ? 200 : away ? 503 : 500, headers: {}, body: null, error: null };
  }

  faults(events: PublishedEvent[], endpoints: Endpoint[], mayRepeat: boolean): string[] {
    const first = new Map<string, { lane: string; sequence: number }>();
    let repeated = 0;
    for (const { id, lane, sequence, accepted } of this.seen) {
      if (!accepted) continue;
      if (first.has(id)) repeated++;
      else first.set(id, { lane, sequence });
    }
    const lost = events.length * endpoints.length - first.size;
    const disordered = [...Map.groupBy(first.values(), ({ lane }) => lane)].filter(([, places]) =>
      places.some(({ sequence }, i) => sequence !== i + 1),
    );
    const overtaken = endpoints.flatMap(({ id: url }) =>
      [...Map.groupBy(events, ({ partition, key }) => `${partition} ${key}`).values()].filter(
        (of) => {
          const places = of.map(({ id }) => first.get(`${url} ${id}`)?.sequence ?? 0);
          return places.some((place, i) => i > 0 && place <= places[i - 1]!);
        },
      ),
    );
    return [
      ...(lost === 0 ? [] : [`${lost} were never accepted`]),
      ...(repeated === 0 || mayRepeat ? [] : [`${repeated} were accepted more than once`]),
      ...(disordered.length === 0 ? [] : [`${disordered.length} lanes were out of order`]),
      ...(overtaken.length === 0
        ? []
        : [`${overtaken.length} keys are not in their records' order`]),
      ...new Set(this.early),
    ];
  }

  get count(): number {
    return this.seen.length;
  }
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

/** Resolves when nothing is due or leased any more, or nothing was sent for much longer than any wait between attempts. */
async function untilStill({ pool }: DeliveryDatabase, receivers: Receivers): Promise<void> {
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
