import type {
  AttemptResult,
  ClaimedHead,
  ClaimOffer,
  IngestBatch,
  Ingested,
} from '../../src/model/lane-store.ts';
import type { Counted } from '../memory-lane-store/attempt-results.ts';
import type { ClaimPlace } from '../memory-lane-store/claims.ts';
import { MemoryLaneStore, type StepPoints } from '../memory-lane-store/memory-lane-store.ts';
import type { MemoryTables } from '../memory-lane-store/memory-tables.ts';
import type { Tally } from './tally.ts';

/** Lanes in memory that count what happens to them. */
export class SimulatedStore extends MemoryLaneStore {
  constructor(
    tables: MemoryTables,
    points: StepPoints,
    private readonly tally: Tally,
  ) {
    super(tables, { points });
  }

  override async ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<Ingested> {
    const ingested = await super.ingest(batch, offer);
    this.tally.add('redeliveries', ingested.skipped);
    return ingested;
  }

  protected override claimed(offer: ClaimOffer, where: ClaimPlace): ClaimedHead[] {
    const owned = new Set(
      [...this.tables.lanes.values()]
        .filter(({ leaseHolder }) => leaseHolder !== null)
        .map(({ id }) => id),
    );
    const heads = super.claimed(offer, where);
    this.tally.add('takeovers', heads.filter(({ laneId }) => owned.has(laneId)).length);
    return heads;
  }

  protected override finished(leaseHolder: string, outcomes: readonly AttemptResult[]): Counted[] {
    const counted = super.finished(leaseHolder, outcomes);
    this.tally.add('late outcomes', outcomes.length - counted.length);
    this.tally.add(
      'blocked',
      counted.filter(({ outcome }) => outcome.outcome === 'blocked').length,
    );
    return counted;
  }

  override async release(...given: Parameters<MemoryLaneStore['release']>): Promise<number> {
    const released = await super.release(...given);
    this.tally.add('given back', released);
    return released;
  }
}
