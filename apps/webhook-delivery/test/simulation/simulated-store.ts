import type {
  AttemptResult,
  ClaimedHead,
  ClaimOffer,
  IngestBatch,
  IngestResult,
} from '../../src/model/lane-store.ts';
import type { CountedResult } from '../memory-lane-store/attempt-results.ts';
import type { ClaimPlace } from '../memory-lane-store/claims.ts';
import { MemoryLaneStore, type StepPoints } from '../memory-lane-store/memory-lane-store.ts';
import type { MemoryTables } from '../memory-lane-store/memory-tables.ts';
import type { EventCounts } from './event-counts.ts';

/** A memory lane store that counts events. */
export class SimulatedStore extends MemoryLaneStore {
  constructor(
    tables: MemoryTables,
    points: StepPoints,
    private readonly counts: EventCounts,
  ) {
    super(tables, { points });
  }

  override async ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult> {
    const ingested = await super.ingest(batch, offer);
    this.counts.add('redeliveries', ingested.skipped);
    return ingested;
  }

  protected override claimed(offer: ClaimOffer, where: ClaimPlace): ClaimedHead[] {
    const leased = new Set(
      [...this.tables.lanes.values()]
        .filter(({ leaseHolder }) => leaseHolder !== null)
        .map(({ id }) => id),
    );
    const heads = super.claimed(offer, where);
    this.counts.add('takeovers', heads.filter(({ laneId }) => leased.has(laneId)).length);
    return heads;
  }

  protected override finished(
    leaseHolder: string,
    results: readonly AttemptResult[],
  ): CountedResult[] {
    const counted = super.finished(leaseHolder, results);
    this.counts.add('late results', results.length - counted.length);
    this.counts.add('blocked', counted.filter(({ result }) => result.outcome === 'blocked').length);
    return counted;
  }

  override async release(...given: Parameters<MemoryLaneStore['release']>): Promise<number> {
    const released = await super.release(...given);
    this.counts.add('released', released);
    return released;
  }
}
