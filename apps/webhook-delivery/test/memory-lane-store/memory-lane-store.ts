import type { SuspensionReason } from '@casewire/contracts';

import type {
  AttemptResult,
  ClaimedHead,
  ClaimOffer,
  Destination,
  IngestBatch,
  IngestResult,
  LaneStore,
  ReplayItem,
  RecordedResults,
} from '../../src/model/lane-store.ts';
import {
  recordResults,
  isSomethingDue,
  release,
  unblock,
  type CountedResult,
} from './attempt-results.ts';
import { cancelReplay } from './cancel.ts';
import { claim, type ClaimPlace } from './claims.ts';
import { deleteDestination, resume, setDestination, suspend } from './destinations.ts';
import { expire } from './expiry.ts';
import { updateHealth } from './health.ts';
import { ingest } from './ingest.ts';
import type { MemoryTables } from './memory-tables.ts';
import { enqueueReplay } from './replays.ts';

/** What happens around each step of a store; where it rejects, the step's caller is told that it failed. */
export interface StepPoints {
  /** The step has not happened yet, and does not if this rejects. */
  before(step: string): Promise<void>;
  /** The step has happened, and its answer is on its way. */
  after(step: string): Promise<void>;
}

const atOnce: StepPoints = { before: async () => {}, after: async () => {} };

export interface MemoryLaneStoreOptions {
  points?: StepPoints;
  /** In [0, 1): how long a breaker stays open. */
  random?: () => number;
}

/**
 * Lanes in memory: an instance of the service on lanes that several may share. Whoever has the points decides what comes
 * between the steps.
 */
export class MemoryLaneStore implements LaneStore {
  private readonly points: StepPoints;
  private readonly random: () => number;
  /** The destination that was claimed from last. */
  private place = '0';

  constructor(
    protected readonly tables: MemoryTables,
    { points = atOnce, random = () => 0.5 }: MemoryLaneStoreOptions = {},
  ) {
    this.points = points;
    this.random = random;
  }

  ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult> {
    return this.step('ingest', () => {
      const { fed: among, ...taken } = ingest(this.tables, batch);
      const heads = offer && among.size > 0 ? this.claimed(offer, { among }) : [];
      return { ...taken, heads };
    });
  }

  claim(leaseHolder: string, slots: number): Promise<ClaimedHead[]> {
    return this.step('claim', () => {
      const heads = this.claimed({ leaseHolder, slots }, { after: this.place });
      this.place = heads.at(-1)?.destinationId ?? this.place;
      return heads;
    });
  }

  async recordResults(
    leaseHolder: string,
    outcomes: readonly AttemptResult[],
  ): Promise<RecordedResults> {
    const { counted, due } = await this.step('recordResults', () => {
      const some = this.finished(leaseHolder, outcomes);
      return { counted: some, due: isSomethingDue(this.tables, some) };
    });
    if (counted.length === 0) return { counted: 0, due };
    // The outcomes are on record, whatever becomes of this.
    await this.step('health', () => updateHealth(this.tables, counted, this.random)).catch(
      () => {},
    );
    return { counted: counted.length, due };
  }

  release(
    leaseHolder: string,
    heads: readonly Pick<ClaimedHead, 'laneId' | 'epoch'>[],
  ): Promise<number> {
    return this.step('release', () => release(this.tables, leaseHolder, heads));
  }

  unblock(
    blocked: { laneId: string } | { deliveryId: string },
    decision: 'retry' | 'skip',
  ): Promise<boolean> {
    return this.step('unblock', () => unblock(this.tables, blocked, decision));
  }

  setDestination(destination: Destination): Promise<void> {
    return this.step('setDestination', () => setDestination(this.tables, destination));
  }

  deleteDestination(endpointId: string): Promise<void> {
    return this.step('deleteDestination', () => deleteDestination(this.tables, endpointId));
  }

  suspend(endpointId: string, reason: SuspensionReason): Promise<boolean> {
    return this.step('suspend', () => suspend(this.tables, endpointId, reason));
  }

  resume(endpointId: string): Promise<boolean> {
    return this.step('resume', () => resume(this.tables, endpointId));
  }

  enqueueReplay(job: string, destinationId: string, items: readonly ReplayItem[]): Promise<number> {
    return this.step('enqueueReplay', () => enqueueReplay(this.tables, job, destinationId, items));
  }

  cancelReplay(job: string): Promise<number> {
    return this.step('cancelReplay', () => cancelReplay(this.tables, job));
  }

  expire(olderThan: Date): Promise<number> {
    return this.step('expire', () => expire(this.tables, olderThan.getTime()));
  }

  protected claimed(offer: ClaimOffer, where: ClaimPlace): ClaimedHead[] {
    return claim(this.tables, offer, where);
  }

  protected finished(leaseHolder: string, outcomes: readonly AttemptResult[]): CountedResult[] {
    return recordResults(this.tables, leaseHolder, outcomes);
  }

  protected async step<T>(name: string, happens: () => T): Promise<T> {
    await this.points.before(name);
    const result = happens();
    await this.points.after(name);
    return result;
  }
}
