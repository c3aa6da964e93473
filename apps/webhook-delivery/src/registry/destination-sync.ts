import type { Endpoint } from '@casewire/contracts';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { LaneStore } from '../model/lane-store.ts';

export interface Endpoints {
  entries(): Iterable<[string, Endpoint]>;
  get(id: string): Endpoint | undefined;
  /** Whether the registry deleted the endpoint; false also for an endpoint that the registry never had. */
  isDeleted(id: string): boolean;
  onChange(listener: (id: string) => void): () => void;
}

/** Applies the registry's changes of endpoints to destinations: enabled, disabled, deleted. */
export class DestinationSync {
  private pending: Promise<void> = Promise.resolve();
  private unsubscribe = () => {};

  constructor(
    private readonly endpoints: Endpoints,
    private readonly store: Pick<LaneStore, 'setDestination' | 'deleteDestination'>,
    private readonly pool: Pool,
    private readonly wake: () => void,
    private readonly logger: Logger,
  ) {}

  /** Applies the changes since the last run, then every further change. */
  async start(): Promise<void> {
    this.unsubscribe = this.endpoints.onChange((id) => {
      this.pending = this.pending.then(() => this.apply(id));
    });
    await this.synchronize();
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    await this.pending;
  }

  /** Compares all endpoints with the stored destinations. Called also periodically, for changes that could not be applied. */
  synchronize(): Promise<void> {
    const synchronized = this.pending.then(() => this.compare());
    // The next change runs even after a failure, which only this caller receives.
    this.pending = synchronized.catch(() => undefined);
    return synchronized;
  }

  private async compare(): Promise<void> {
    const { rows } = await this.pool.query<{ endpoint_id: string; revision: string }>(
      'select endpoint_id, revision from destination where not deleted and endpoint_id is not null',
    );
    const known = new Map(rows.map((row) => [row.endpoint_id, Number(row.revision)]));
    for (const [id, { revision }] of this.endpoints.entries()) {
      if ((known.get(id) ?? 0) < revision) await this.apply(id);
    }
    for (const id of known.keys()) {
      if (this.endpoints.get(id)) continue;
      // A deletion is final and cancels deliveries, so it requires a tombstone in the registry. A lost topic or an unreadable
      // record is no deletion.
      if (this.endpoints.isDeleted(id)) await this.apply(id);
      else this.logger.warn({ event: 'destination.unknown', endpointId: id });
    }
  }

  private async apply(id: string): Promise<void> {
    const endpoint = this.endpoints.get(id);
    try {
      if (endpoint) await this.store.setDestination({ endpointId: id, ...endpoint });
      else if (this.endpoints.isDeleted(id)) await this.store.deleteDestination(id);
      this.wake();
    } catch (error) {
      this.logger.warn({ event: 'destination.not-applied', endpointId: id, error });
    }
  }
}
