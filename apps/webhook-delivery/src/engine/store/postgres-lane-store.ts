import type { SuspensionReason } from '@casewire/contracts';
import { FinalStatements, inTransaction, isTransactionConflict } from '@casewire/service';
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
  /** In [0, 1): varies how long a breaker stays open. */
  random?: () => number;
  /** Called if results were recorded, but the health of their destinations was not updated. */
  onHealthUpdateFailed?: (error: unknown) => void;
}

/** How many recently active destinations a claim looks at in every step. */
const maxRecentlyActive = 100;
/** Bounds the cost of a claim without a result, however many destinations wait for a retry. */
const maxSteps = 5;

/** How often a health update is attempted if it conflicts with other transactions. */
const maxHealthAttempts = 3;

/** The lane store in PostgreSQL; all instances of the service share it. */
export class PostgresLaneStore implements LaneStore {
  private readonly random: () => number;
  private readonly onHealthUpdateFailed: (error: unknown) => void;
  private readonly grouped: GroupedIngest;
  private readonly destinationIds = new DestinationIds();
  /** The destination after which the next claim begins. */
  private position = '0';
  /** Destinations with recent ingests or claims, the latest last: claims look at them in every step. */
  private readonly recentlyActive = new Set<string>();

  constructor(
    private readonly pool: Pool,
    { random = Math.random, onHealthUpdateFailed = () => {} }: PostgresLaneStoreOptions = {},
  ) {
    this.random = random;
    this.onHealthUpdateFailed = onHealthUpdateFailed;
    this.grouped = new GroupedIngest(async (batches, offer) => {
      const ingested = await this.ingestBatches(batches, offer);
      this.destinationIds.add(ingested.destinations);
      this.remember([...ingested.destinations.values()]);
      return ingested;
    });
  }

  ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult> {
    return this.grouped.ingest(batch, offer);
  }

  /**
   * Looks at the destinations in the order of their ids, from the position of the last claim, until something is claimed: at most
   * `maxSteps` steps and one full round.
   */
  async claim(leaseHolder: string, slots: number): Promise<ClaimedHead[]> {
    const start = this.position;
    let after = start;
    let wrapped = false;
    for (let step = 0; step < maxSteps; step++) {
      const from = after;
      const { heads, next } = await inTransaction(this.pool, async (client) => {
        const { heads: claimed, ...position } = await claim(client, { leaseHolder, slots }, from, [
          ...this.recentlyActive,
        ]);
        return new FinalStatements(claimed.then((some) => ({ ...position, heads: some })));
      });
      after = next ?? '0';
      this.position = after;
      this.remember(heads.map(({ destinationId }) => destinationId));
      if (heads.length > 0) return heads;
      if (next === null && (wrapped || start === '0')) return [];
      if (wrapped && BigInt(after) >= BigInt(start)) return [];
      wrapped ||= next === null;
    }
    return [];
  }

  private async ingestBatches(batches: readonly IngestBatch[], offer: ClaimOffer | undefined) {
    const final = async ({ heads, ...ingested }: IngestBatchesResult) =>
      new FinalStatements(heads.then((claimed) => ({ ...ingested, heads: claimed })));
    if (this.destinationIds.coverAll(batches)) {
      try {
        return await inTransaction(this.pool, async (client) =>
          final(await ingestOptimistically(client, batches, offer, this.destinationIds.ids)),
        );
      } catch (error) {
        if (!(error instanceof OptimisticIngestFailed)) throw error;
      }
    }
    return inTransaction(this.pool, async (client) =>
      final(await ingestBatches(client, batches, offer)),
    );
  }

  private remember(destinations: readonly string[]): void {
    for (const id of destinations) {
      this.recentlyActive.delete(id);
      this.recentlyActive.add(id);
    }
    for (const id of this.recentlyActive) {
      if (this.recentlyActive.size <= maxRecentlyActive) return;
      this.recentlyActive.delete(id);
    }
  }

  async recordResults(
    leaseHolder: string,
    results: readonly AttemptResult[],
  ): Promise<RecordedResults> {
    const { affected, ...recorded } = await recordResults(this.pool, leaseHolder, results);
    // The results are recorded: a failure must not make the caller record them again.
    if (affected.length > 0)
      await this.updateHealth(affected, results).catch(this.onHealthUpdateFailed);
    return recorded;
  }

  private async updateHealth(
    affected: readonly AffectedDestination[],
    results: readonly AttemptResult[],
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await inTransaction(this.pool, (client) =>
          updateHealth(client, affected, results, this.random),
        );
      } catch (error) {
        if (attempt === maxHealthAttempts || !isTransactionConflict(error)) throw error;
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
