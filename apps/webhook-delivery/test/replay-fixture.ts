import { Sealer } from '@casewire/auth';
import { Topics, type CreateReplay, type Endpoint, type ReplayView } from '@casewire/contracts';

import { IdempotentHandler } from '../src/api/idempotent-handler.ts';
import { ReplayRunner, type ReplayRunnerOptions } from '../src/api/replays/replay-runner.ts';
import { ReplaysService } from '../src/api/replays/replays.service.ts';
import type { LaneStore } from '../src/model/lane-store.ts';
import { TenantEndpoints } from '../src/registry/tenant-endpoints.ts';
import type { DeliveryDatabase } from './delivery-database.ts';
import { drain } from './drain.ts';
import { endpoint, organizationId, Partition, type EventOver } from './events.ts';
import { KeptLog } from './scripted-store.ts';

export const tenant = { organizationId, environment: 'sandbox' };
export const sealer = new Sealer(Buffer.alloc(32, 1));

/** An in-memory registry of endpoints. */
export class RegistryFixture {
  readonly known = new Map<string, Endpoint>();
  onCatchUp: () => void = () => {};

  readonly own = new TenantEndpoints({
    get: (id) => this.known.get(id),
    catchUp: async () => {
      this.onCatchUp();
      return 0n;
    },
  });

  add(one: Endpoint): Endpoint {
    this.known.set(one.id, one);
    return one;
  }
}

/** Replays over a database, without the HTTP service. */
export class ReplayFixture {
  readonly registered = new RegistryFixture();
  readonly log = new KeptLog();
  readonly service: ReplaysService;
  woken = 0;
  /** The endpoint of all events. */
  readonly to = this.registered.add(endpoint());
  private readonly partition = new Partition();

  constructor(private readonly database: DeliveryDatabase) {
    this.service = new ReplaysService({
      pool: database.pool,
      endpoints: this.registered.own,
      store: database.store,
      idempotent: new IdempotentHandler(database.pool, sealer),
      wake: () => void this.woken++,
    });
  }

  runner(
    lanes: Pick<LaneStore, 'enqueueReplay'> = this.database.store,
    options: Pick<ReplayRunnerOptions, 'maxOpenLanes'> = {},
  ): ReplayRunner {
    return new ReplayRunner({
      ...options,
      pool: this.database.pool,
      store: lanes,
      wake: () => {},
      logger: this.log,
    });
  }

  create(command: CreateReplay, key?: string): Promise<ReplayView> {
    return this.service.create(tenant, command, key);
  }

  /** Runs the replay until all its deliveries are in their lanes. */
  async queueAll(runner = this.runner()): Promise<void> {
    while (await runner.round());
  }

  /** @returns the ids of the events */
  async ingest(...events: EventOver[]): Promise<string[]> {
    const batch = this.partition.batch([this.to], ...events);
    await this.database.store.ingest(batch);
    return batch.events.map(({ event }) => event.id);
  }

  /** Delivers what is due. @returns the ids of the replayed events, in their order */
  async replayed(): Promise<string[]> {
    const heads = await drain(this.database.store);
    return heads.filter(({ replayJob }) => replayJob !== null).map(({ eventId }) => eventId);
  }

  /** Delivers this many events in each of twenty lanes. @returns their ids, by lane */
  async deliveredOverLanes(perLane: number): Promise<string[][]> {
    const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`);
    const events = Array.from({ length: perLane }, () => keys.map((key) => ({ key }))).flat();
    const ids = await this.ingest(...events);
    await drain(this.database.store);
    return keys.map((_, i) => ids.filter((_id, n) => n % keys.length === i));
  }

  ofKey(key: string): Extract<CreateReplay, { kind: 'key' }> {
    return { kind: 'key', endpointId: this.to.id, topic: Topics.casewireEvents, key };
  }

  ofEverything(): CreateReplay {
    const period = { from: '2020-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
    return { kind: 'period', endpointId: this.to.id, ...period };
  }
}
