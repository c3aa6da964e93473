import type { Endpoint } from '@casewire/contracts';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { LaneStore } from '../lanes/lane-store.ts';

interface Endpoints {
  entries(): Iterable<[string, Endpoint]>;
  get(id: string): Endpoint | undefined;
  onChange(listener: (id: string, endpoint: Endpoint | undefined) => void): () => void;
}

/** Keeps destinations as the registry says they are: enabled, disabled, or gone. */
export class DestinationSync {
  private pending: Promise<void> = Promise.resolve();
  private unsubscribe = () => {};

  constructor(
    private readonly endpoints: Endpoints,
    private readonly lanes: LaneStore,
    private readonly pool: Pool,
    private readonly wake: () => void,
    private readonly logger: Logger,
  ) {}

  /** Takes over what changed while nobody was listening, then every change as it comes. */
  async start(): Promise<void> {
    this.unsubscribe = this.endpoints.onChange((id) => {
      this.pending = this.pending.then(() => this.apply(id));
    });
    await this.takeOver();
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    await this.pending;
  }

  /** Also now and then: a change that could not be applied when it came is applied here. */
  async takeOver(): Promise<void> {
    for (const [id] of this.endpoints.entries()) await this.apply(id);
    const { rows } = await this.pool.query<{ endpoint_id: string }>(
      'select endpoint_id from destination where not deleted',
    );
    for (const { endpoint_id: id } of rows) {
      if (!this.endpoints.get(id)) await this.apply(id);
    }
  }

  private async apply(id: string): Promise<void> {
    const endpoint = this.endpoints.get(id);
    try {
      if (endpoint) await this.lanes.setDestination({ endpointId: id, ...endpoint });
      else await this.lanes.deleteDestination(id);
      this.wake();
    } catch (error) {
      this.logger.warn({ event: 'destination.not-applied', endpointId: id, error });
    }
  }
}
