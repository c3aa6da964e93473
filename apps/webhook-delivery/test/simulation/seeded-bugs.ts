import type {
  AttemptResult,
  ClaimedHead,
  ClaimOffer,
  IngestResult,
  RecordedResults,
} from '../../src/model/lane-store.ts';
import { resultOf } from '../events.ts';
import { settle, type CountedResult } from '../memory-lane-store/attempt-results.ts';
import type { ClaimPlace } from '../memory-lane-store/claims.ts';
import { leasesExpire, recordsRedelivered, type PlanOptions } from './plan.ts';
import { SimulatedStore } from './simulated-store.ts';
import type { SeededBug } from './simulation-context.ts';

/** A claimed delivery is recorded as delivered before it is sent. */
class RecordsBeforeTheSend extends SimulatedStore {
  protected override claimed(offer: ClaimOffer, where: ClaimPlace): ClaimedHead[] {
    const heads = super.claimed(offer, where);
    super.finished(
      offer.leaseHolder,
      heads.map((head) => resultOf(head, 'delivered', { startedAt: new Date(this.tables.now) })),
    );
    return heads;
  }
}

/** A claim also returns heads that other instances lease. */
class IgnoresLeases extends SimulatedStore {
  protected override claimed(offer: ClaimOffer, where: ClaimPlace): ClaimedHead[] {
    for (const lane of this.tables.lanes.values())
      if (lane.leaseHolder !== null) lane.leasedUntil = this.tables.now;
    return super.claimed(offer, where);
  }
}

/** A result counts even if another instance leases the lane. */
class IgnoresEpochs extends SimulatedStore {
  protected override finished(_: string, results: readonly AttemptResult[]): CountedResult[] {
    return results.flatMap((result) => {
      const lane = this.tables.lanes.get(result.laneId)!;
      if (lane.head > lane.tail) return [];
      settle(this.tables, lane, result);
      const claimedAt = new Date(this.tables.now);
      return [{ result, destination: this.tables.destinationOf(lane), claimedAt }];
    });
  }
}

/** The head is looked up among the open deliveries, in a snapshot that may be older than an ingest. */
class LooksUpTheHead extends SimulatedStore {
  private readonly snapshots = new WeakMap<readonly AttemptResult[], Map<string, number>>();

  override recordResults(
    leaseHolder: string,
    results: readonly AttemptResult[],
  ): Promise<RecordedResults> {
    const heads = results.flatMap(({ laneId, deliveryId }) => {
      const { deliveries } = this.tables.lanes.get(laneId)!;
      const next = deliveries.find(({ state, id }) => state === 'pending' && id !== deliveryId);
      return next ? [[laneId, next.seq] as const] : [];
    });
    this.snapshots.set(results, new Map(heads));
    return super.recordResults(leaseHolder, results);
  }

  protected override finished(
    leaseHolder: string,
    results: readonly AttemptResult[],
  ): CountedResult[] {
    const counted = super.finished(leaseHolder, results);
    for (const { result } of counted) {
      if (result.outcome !== 'delivered' && result.outcome !== 'exhausted') continue;
      const lane = this.tables.lanes.get(result.laneId)!;
      lane.head = this.snapshots.get(results)!.get(lane.id) ?? lane.tail + 1;
    }
    return counted;
  }
}

/** Records that were ingested before are new at every redelivery. */
class IgnoresCursors extends SimulatedStore {
  override ingest(...given: Parameters<SimulatedStore['ingest']>): Promise<IngestResult> {
    this.tables.cursors.clear();
    for (const { event } of given[0].events) this.tables.events.delete(event.id);
    return super.ingest(...given);
  }
}

/** A claimed attempt counts only when its result is recorded. */
class CountsAfterTheSend extends SimulatedStore {
  protected override claimed(offer: ClaimOffer, where: ClaimPlace): ClaimedHead[] {
    for (const lane of this.tables.lanes.values())
      if (lane.leaseHolder !== null && lane.leasedUntil <= this.tables.now) lane.attempts--;
    return super.claimed(offer, where);
  }
}

interface SeededBugCase {
  seededBug: SeededBug;
  /** Matches the guarantee that it breaks. */
  breaks: RegExp;
  options?: PlanOptions;
}

/** Deliberate faults, and how the simulation finds each of them. */
export const seededBugs: Record<string, SeededBugCase> = {
  'the result is recorded before the send': {
    seededBug: { store: RecordsBeforeTheSend },
    breaks: /^G[35].*was never accepted$/,
  },
  'claims ignore leases': { seededBug: { store: IgnoresLeases }, breaks: /^G3/ },
  'results ignore epochs': { seededBug: { store: IgnoresEpochs }, breaks: /^G[35]/ },
  'the lease is checked only at the claim': {
    // With a clock that does not advance no lease is ever too short.
    seededBug: { monotonic: () => 0 },
    breaks: /^G3/,
    options: leasesExpire,
  },
  'the head is looked up among the open deliveries': {
    seededBug: { store: LooksUpTheHead },
    breaks: /^G5: pending outside head and tail/,
  },
  'there is no cursor, and no event is recognized by its id': {
    seededBug: { store: IgnoresCursors },
    breaks: /^G2/,
    options: recordsRedelivered,
  },
  'an attempt whose result is lost does not count': {
    seededBug: { store: CountsAfterTheSend },
    breaks: /^TI-24/,
  },
};
