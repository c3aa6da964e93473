import { inTransaction } from '@casewire/service';
import type { Pool } from 'pg';

import { claim } from './claim.ts';
import { deleteDestination } from './delete-destination.ts';
import { upsertDestination } from './destination.sql.ts';
import { finish } from './finish.ts';
import { ingest } from './ingest.ts';
import type {
  AttemptOutcome,
  ClaimedHead,
  Destination,
  IngestBatch,
  Ingested,
  LaneStore,
} from './lane-store.ts';
import { release } from './release.ts';

/** Lanes in PostgreSQL: every instance of the service works on the same ones. */
export class PostgresLaneStore implements LaneStore {
  constructor(private readonly pool: Pool) {}

  ingest(batch: IngestBatch): Promise<Ingested> {
    return inTransaction(this.pool, (client) => ingest(client, batch));
  }

  claim(owner: string, slots: number): Promise<ClaimedHead[]> {
    return inTransaction(this.pool, (client) => claim(client, owner, slots));
  }

  finish(owner: string, outcomes: readonly AttemptOutcome[]): Promise<number> {
    return finish(this.pool, owner, outcomes);
  }

  release(owner: string, heads: readonly Pick<ClaimedHead, 'laneId' | 'epoch'>[]): Promise<number> {
    return release(this.pool, owner, heads);
  }

  setDestination(destination: Destination): Promise<void> {
    return upsertDestination(this.pool, destination);
  }

  deleteDestination(endpointId: string): Promise<void> {
    return inTransaction(this.pool, (client) => deleteDestination(client, endpointId));
  }
}
