import type {
  AttemptResult,
  ClaimedHead,
  ClaimOffer,
  Ingested,
  Recorded,
} from '../../src/model/lane-store.ts';
import { outcomeOf } from '../events.ts';
import { settle, type Counted } from '../memory-lane-store/attempt-results.ts';
import type { ClaimPlace } from '../memory-lane-store/claims.ts';
import { leasesEnd, recordsComeAgain, type Worlds } from './plan.ts';
import { SimulatedStore } from './simulated-store.ts';
import type { Plant } from './surroundings.ts';

/** What is claimed is on record as delivered before it is sent. */
class MarksBeforeTheSend extends SimulatedStore {
  protected override claimed(offer: ClaimOffer, where: ClaimPlace): ClaimedHead[] {
    const heads = super.claimed(offer, where);
    super.finished(
      offer.leaseHolder,
      heads.map((head) => outcomeOf(head, 'delivered', { startedAt: new Date(this.tables.now) })),
    );
    return heads;
  }
}

/** Whoever claims is given what others have claimed, too. */
class IgnoresLeases extends SimulatedStore {
  protected override claimed(offer: ClaimOffer, where: ClaimPlace): ClaimedHead[] {
    for (const lane of this.tables.lanes.values())
      if (lane.leaseHolder !== null) lane.leasedUntil = this.tables.now;
    return super.claimed(offer, where);
  }
}

/** An outcome counts whoever has the lane by now. */
class IgnoresEpochs extends SimulatedStore {
  protected override finished(_: string, outcomes: readonly AttemptResult[]): Counted[] {
    return outcomes.flatMap((outcome) => {
      const lane = this.tables.lanes.get(outcome.laneId)!;
      if (lane.head > lane.tail) return [];
      settle(this.tables, lane, outcome);
      const claimedAt = new Date(this.tables.now);
      return [{ outcome, destination: this.tables.destinationOf(lane), claimedAt }];
    });
  }
}

/** The head is looked up among what is open, in a snapshot that may be older than an ingest. */
class LooksUpTheHead extends SimulatedStore {
  private readonly snapshots = new WeakMap<readonly AttemptResult[], Map<string, number>>();

  override recordResults(
    leaseHolder: string,
    outcomes: readonly AttemptResult[],
  ): Promise<Recorded> {
    const heads = outcomes.flatMap(({ laneId, deliveryId }) => {
      const { deliveries } = this.tables.lanes.get(laneId)!;
      const next = deliveries.find(({ state, id }) => state === 'pending' && id !== deliveryId);
      return next ? [[laneId, next.seq] as const] : [];
    });
    this.snapshots.set(outcomes, new Map(heads));
    return super.recordResults(leaseHolder, outcomes);
  }

  protected override finished(leaseHolder: string, outcomes: readonly AttemptResult[]): Counted[] {
    const counted = super.finished(leaseHolder, outcomes);
    for (const { outcome } of counted) {
      if (outcome.outcome !== 'delivered' && outcome.outcome !== 'exhausted') continue;
      const lane = this.tables.lanes.get(outcome.laneId)!;
      lane.head = this.snapshots.get(outcomes)!.get(lane.id) ?? lane.tail + 1;
    }
    return counted;
  }
}

/** Records that were taken in before are new every time they come. */
class KnowsNoCursor extends SimulatedStore {
  override ingest(...given: Parameters<SimulatedStore['ingest']>): Promise<Ingested> {
    this.tables.cursors.clear();
    for (const { event } of given[0].events) this.tables.events.delete(event.id);
    return super.ingest(...given);
  }
}

/** An attempt that was claimed counts only when its outcome is on record. */
class CountsAfterTheSend extends SimulatedStore {
  protected override claimed(offer: ClaimOffer, where: ClaimPlace): ClaimedHead[] {
    for (const lane of this.tables.lanes.values())
      if (lane.leaseHolder !== null && lane.leasedUntil <= this.tables.now) lane.attempts--;
    return super.claimed(offer, where);
  }
}

interface Planted {
  plant: Plant;
  /** The guarantee that it breaks. */
  breaks: RegExp;
  worlds?: Worlds;
}

/** Mistakes that could be made, and how each of them is found. */
export const plants: Record<string, Planted> = {
  'the outcome is on record before the send': {
    plant: { store: MarksBeforeTheSend },
    breaks: /^G[35].*was never taken$/,
  },
  'claims ignore leases': { plant: { store: IgnoresLeases }, breaks: /^G3/ },
  'outcomes ignore epochs': { plant: { store: IgnoresEpochs }, breaks: /^G[35]/ },
  'the lease is looked at only when it is claimed': {
    // For a clock that stands still no lease is ever too short.
    plant: { monotonic: () => 0 },
    breaks: /^G3/,
    worlds: leasesEnd,
  },
  'the head is looked up among what is open': {
    plant: { store: LooksUpTheHead },
    breaks: /^G5: pending outside head and tail/,
  },
  'there is no cursor, and no event is known by its id': {
    plant: { store: KnowsNoCursor },
    breaks: /^G2/,
    worlds: recordsComeAgain,
  },
  'an attempt whose outcome is lost does not count': {
    plant: { store: CountsAfterTheSend },
    breaks: /^TI-24/,
  },
};
