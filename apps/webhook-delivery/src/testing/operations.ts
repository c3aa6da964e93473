import { Sealer } from '@casewire/auth';
import type { CreateReplay, Endpoint, ReplayView } from '@casewire/contracts';

import { OwnEndpoints } from '../endpoints/own-endpoints.ts';
import { Once } from '../idempotency/once.ts';
import type { LaneStore } from '../lanes/lane-store.ts';
import { ReplayRunner, type ReplayRunnerOptions } from '../replays/replay-runner.ts';
import { ReplaysService } from '../replays/replays.service.ts';
import type { DeliveryDatabase } from './delivery-database.ts';
import { organizationId } from './events.ts';
import { KeptLog } from './scripted-lanes.ts';

export const owner = { organizationId, environment: 'sandbox' };
export const sealer = new Sealer(Buffer.alloc(32, 1));

/** Endpoints as a registry would have them, and how often it was asked for what is new. */
export class Registered {
  readonly known = new Map<string, Endpoint>();
  onCatchUp: () => void = () => {};

  readonly own = new OwnEndpoints({
    get: (id) => this.known.get(id),
    catchUp: async () => {
      this.onCatchUp();
      return 0n;
    },
  });

  add(endpoint: Endpoint): Endpoint {
    this.known.set(endpoint.id, endpoint);
    return endpoint;
  }
}

/** Replays over a database, without a service around them. */
export class Replaying {
  readonly registered = new Registered();
  readonly log = new KeptLog();
  readonly service: ReplaysService;
  woken = 0;

  constructor(private readonly database: DeliveryDatabase) {
    this.service = new ReplaysService({
      pool: database.pool,
      endpoints: this.registered.own,
      lanes: database.store,
      once: new Once(database.pool, sealer),
      wake: () => void this.woken++,
    });
  }

  runner(
    lanes: Pick<LaneStore, 'enqueueReplay'> = this.database.store,
    options: Pick<ReplayRunnerOptions, 'mostOpen'> = {},
  ): ReplayRunner {
    return new ReplayRunner({
      ...options,
      pool: this.database.pool,
      lanes,
      wake: () => {},
      logger: this.log,
    });
  }

  create(command: CreateReplay, key?: string): Promise<ReplayView> {
    return this.service.create(owner, command, key);
  }

  /** Until everything is in its lanes. */
  async queueAll(runner = this.runner()): Promise<void> {
    while (await runner.round());
  }
}
