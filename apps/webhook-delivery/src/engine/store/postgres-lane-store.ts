import type { SuspensionReason } from '@casewire/contracts';
import { FinalStatements, inTransaction } from '@casewire/service';
import type { Pool } from 'pg';

import type {
  AttemptResult,
  ClaimedHead,
  ClaimOffer,
  Destination,
  IngestBatch,
  IngestResult,
  LaneStore,
  RecordedResults,
  ReplayItem,
} from '../../model/lane-store.ts';
import { cancelReplay } from './cancel.ts';
import { claim } from './claim.ts';
import { deleteDestination } from './delete-destination.ts';
import { DestinationIds } from './destination-ids.ts';
import { resume, suspend, upsertDestination } from './destination.sql.ts';
import { expire } from './expire.ts';
import { GroupedIngest } from './grouped-ingest.ts';
import type { IngestBatchesResult } from './ingest-steps.ts';
import { ingestBatches } from './ingest.ts';
import { ingestOptimistically, OptimisticIngestFailed } from './optimistic-ingest.ts';
import { recordResults, type AffectedDestination } from './record-results.ts';
import { release } from './release.ts';
import { enqueueReplay } from './replay.ts';
import { unblock } from './unblock.ts';
import { updateHealth } from './update-health.ts';

export interface PostgresLaneStoreOptions {
  /** In [0, 1): how long a breaker stays open. */
  random?: () => number;
  /** Hears when outcomes are on record and what they say of their destinations is not. */
  onHealthUpdateFailed?: (error: unknown) => void;
}

/** Destinations that a claim looks at wherever it is on its way round. */
const livelyAtMost = 100;
/** What a claim that finds nothing costs is bounded, however many destinations wait for a retry. */
const stepsAtMost = 5;

/** What is known of a destination is written again where somebody else's change came between. */
const healthTries = 3;
// SQLSTATE: serialization failure, deadlock.
const isConflict = (error: unknown) =>
  /^40(?:001|P01)$/.test((error as { code?: string }).code ?? '');

/** Lanes in PostgreSQL: every instance of the service works on the same ones. */
export class PostgresLaneStore implements LaneStore {
  private readonly random: () => number;
  private readonly onHealthLost: (error: unknown) => void;
  private readonly combined: GroupedIngest;
  private readonly known = new DestinationIds();
  /** The destination that the last claim came to. */
  private place = '0';
  /** Destinations that were fed or claimed from, the latest last: they do not wait until a claim comes round to them. */
  private readonly lively = new Set<string>();

  constructor(
    private readonly pool: Pool,
    {
      random = Math.random,
      onHealthUpdateFailed: onHealthLost = () => {},
    }: PostgresLaneStoreOptions = {},
  ) {
    this.random = random;
    this.onHealthLost = onHealthLost;
    this.combined = new GroupedIngest(async (batches, offer) => {
      const ingested = await this.together(batches, offer);
      this.known.add(ingested.destinations);
      this.remember([...ingested.destinations.values()]);
      return ingested;
    });
  }

  ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult> {
    return this.combined.ingest(batch, offer);
  }

  /**
   * Goes round the destinations, from where the last claim ended, until something is claimed: a few steps, and once round at
   * most. The next claim goes on from there.
   */
  async claim(leaseHolder: string, slots: number): Promise<ClaimedHead[]> {
    const start = this.place;
    let after = start;
    let wrapped = false;
    for (let step = 0; step < stepsAtMost; step++) {
      const from = after;
      const { heads, next } = await inTransaction(this.pool, async (client) => {
        const { heads: claimed, ...way } = await claim(client, { leaseHolder, slots }, from, [
          ...this.lively,
        ]);
        return new FinalStatements(claimed.then((some) => ({ ...way, heads: some })));
      });
      after = next ?? '0';
      this.place = after;
      this.remember(heads.map(({ destinationId }) => destinationId));
      if (heads.length > 0) return heads;
      if (next === null && (wrapped || start === '0')) return [];
      if (wrapped && BigInt(after) >= BigInt(start)) return [];
      wrapped ||= next === null;
    }
    return [];
  }

  private async together(batches: readonly IngestBatch[], offer: ClaimOffer | undefined) {
    const ended = async ({ heads, ...taken }: IngestBatchesResult) =>
      new FinalStatements(heads.then((claimed) => ({ ...taken, heads: claimed })));
    if (this.known.coverAll(batches)) {
      try {
        return await inTransaction(this.pool, async (client) =>
          ended(await ingestOptimistically(client, batches, offer, this.known.ids)),
        );
      } catch (error) {
        if (!(error instanceof OptimisticIngestFailed)) throw error;
      }
    }
    return inTransaction(this.pool, async (client) =>
      ended(await ingestBatches(client, batches, offer)),
    );
  }

  private remember(destinations: readonly string[]): void {
    for (const id of destinations) {
      this.lively.delete(id);
      this.lively.add(id);
    }
    for (const id of this.lively) {
      if (this.lively.size <= livelyAtMost) return;
      this.lively.delete(id);
    }
  }

  async recordResults(
    leaseHolder: string,
    outcomes: readonly AttemptResult[],
  ): Promise<RecordedResults> {
    const { affected: concerned, ...recorded } = await recordResults(
      this.pool,
      leaseHolder,
      outcomes,
    );
    // The outcomes are on record: writing them again would change nothing, and lose this all the same.
    if (concerned.length > 0) await this.health(concerned, outcomes).catch(this.onHealthLost);
    return recorded;
  }

  private async health(
    concerned: readonly AffectedDestination[],
    outcomes: readonly AttemptResult[],
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await inTransaction(this.pool, (client) =>
          updateHealth(client, concerned, outcomes, this.random),
        );
      } catch (error) {
        if (tries === healthTries || !isConflict(error)) throw error;
      }
    }
  }

  release(
    leaseHolder: string,
    heads: readonly Pick<ClaimedHead, 'laneId' | 'epoch'>[],
  ): Promise<number> {
    return release(this.pool, leaseHolder, heads);
  }

  unblock(
    blocked: { laneId: string } | { deliveryId: string },
    decision: 'retry' | 'skip',
  ): Promise<boolean> {
    return inTransaction(this.pool, (client) => unblock(client, blocked, decision));
  }

  setDestination(destination: Destination): Promise<void> {
    return upsertDestination(this.pool, destination);
  }

  deleteDestination(endpointId: string): Promise<void> {
    return inTransaction(this.pool, (client) => deleteDestination(client, endpointId));
  }

  suspend(endpointId: string, reason: SuspensionReason): Promise<boolean> {
    return suspend(this.pool, endpointId, reason);
  }

  resume(endpointId: string): Promise<boolean> {
    return resume(this.pool, endpointId);
  }

  enqueueReplay(job: string, destinationId: string, items: readonly ReplayItem[]): Promise<number> {
    return inTransaction(this.pool, (client) => enqueueReplay(client, job, destinationId, items));
  }

  cancelReplay(job: string): Promise<number> {
    return inTransaction(this.pool, (client) => cancelReplay(client, job));
  }

  expire(olderThan: Date): Promise<number> {
    return expire(this.pool, olderThan);
  }
}
