import { inTransaction } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import { cancelDestination } from './cancel.ts';
import { claim } from './claim.ts';
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

  setDestination(destination: Destination): Promise<void> {
    return upsertDestination(this.pool, destination);
  }

  deleteDestination(endpointId: string): Promise<void> {
    return inTransaction(this.pool, (client) => deleteDestination(client, endpointId));
  }
}

/** Waits for batches that hold the destination, and lets none put anything into its lanes that is not canceled. */
export async function deleteDestination(client: PoolClient, endpointId: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    'select id from destination where endpoint_id = $1 for update',
    [endpointId],
  );
  if (!rows[0]) return;
  await client.query('update destination set deleted = true where id = $1', [rows[0].id]);
  await cancelDestination(client, rows[0].id);
}
