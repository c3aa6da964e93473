import type { Endpoint } from '@casewire/contracts';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { LaneStore } from '../model/lane-store.ts';

export interface Endpoints {
  entries(): Iterable<[string, Endpoint]>;
  get(id: string): Endpoint | undefined;
  /** Whether the registry said that the endpoint is no more; it may also never have spoken of it. */
  isDeleted(id: string): boolean;
  onChange(listener: (id: string) => void): () => void;
}

/** Keeps destinations as the registry says they are: enabled, disabled, or gone. */
export class DestinationSync {
  private pending: Promise<void> = Promise.resolve();
  private unsubscribe = () => {};

  constructor(
    private readonly endpoints: Endpoints,
    private readonly lanes: Pick<LaneStore, 'setDestination' | 'deleteDestination'>,
    private readonly pool: Pool,
    private readonly wake: () => void,
    private readonly logger: Logger,
  ) {}

  /** Takes over what changed while nobody was listening, then every change as it comes. */
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

  /** Also now and then: a change that could not be applied when it came is applied here. */
  synchronize(): Promise<void> {
    const taken = this.pending.then(() => this.compare());
    // One after the other, whatever becomes of it: whoever asked hears of a failure.
    this.pending = taken.catch(() => undefined);
    return taken;
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
      // A deletion is final and cancels: it takes the registry's word. A topic that was lost, or a record that cannot be
      // read, is none.
      if (this.endpoints.isDeleted(id)) await this.apply(id);
      else this.logger.warn({ event: 'destination.unknown', endpointId: id });
    }
  }

  private async apply(id: string): Promise<void> {
    const endpoint = this.endpoints.get(id);
    try {
      if (endpoint) await this.lanes.setDestination({ endpointId: id, ...endpoint });
      else if (this.endpoints.isDeleted(id)) await this.lanes.deleteDestination(id);
      this.wake();
    } catch (error) {
      this.logger.warn({ event: 'destination.not-applied', endpointId: id, error });
    }
  }
}
