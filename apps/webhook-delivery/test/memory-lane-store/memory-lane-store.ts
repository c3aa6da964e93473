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
  hasDueLane,
  release,
  unblock,
  type CountedResult,
} from './attempt-results.ts';
import { cancelReplay } from './cancel.ts';
import { claim, type ClaimRange } from './claims.ts';
import { deleteDestination, resume, setDestination, suspend } from './destinations.ts';
import { expire } from './expiry.ts';
import { updateHealth } from './health.ts';
import { ingest } from './ingest.ts';
import type { MemoryTables } from './memory-tables.ts';
import { enqueueReplay } from './replays.ts';

/** Hooks around each step of a store. If one rejects, the call of the step rejects. */
export interface StepPoints {
  /** Called before the step, which has no effect if this rejects. */
  before(step: string): Promise<void>;
  /** Called after the effect of the step. */
  after(step: string): Promise<void>;
}

const noPoints: StepPoints = { before: async () => {}, after: async () => {} };

export interface MemoryLaneStoreOptions {
  points?: StepPoints;
  /** In [0, 1): varies how long a breaker stays open. */
  random?: () => number;
}

/**
 * A lane store in memory. Several stores, one per instance, can share their tables; the points let a test interleave their
 * steps.
 */
export class MemoryLaneStore implements LaneStore {
  private readonly points: StepPoints;
  private readonly random: () => number;
  /** The destination after which the next claim begins. */
  private position = '0';

  constructor(
    protected readonly tables: MemoryTables,
    { points = noPoints, random = () => 0.5 }: MemoryLaneStoreOptions = {},
  ) {
    this.points = points;
    this.random = random;
  }

  ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult> {
    return this.step('ingest', () => {
      const { destinationIds: among, ...ingested } = ingest(this.tables, batch);
      const heads = offer && among.size > 0 ? this.claimed(offer, { among }) : [];
      return { ...ingested, heads };
    });
  }

  claim(leaseHolder: string, slots: number): Promise<ClaimedHead[]> {
    return this.step('claim', () => {
      const heads = this.claimed({ leaseHolder, slots }, { after: this.position });
      this.position = heads.at(-1)?.destinationId ?? this.position;
      return heads;
    });
  }

  async recordResults(
    leaseHolder: string,
    results: readonly AttemptResult[],
  ): Promise<RecordedResults> {
    const { counted, due } = await this.step('recordResults', () => {
      const some = this.finished(leaseHolder, results);
      return { counted: some, due: hasDueLane(this.tables, some) };
    });
    if (counted.length === 0) return { counted: 0, due };
    // The results are recorded, even if this fails.
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

  protected claimed(offer: ClaimOffer, range: ClaimRange): ClaimedHead[] {
    return claim(this.tables, offer, range);
  }

  protected finished(leaseHolder: string, results: readonly AttemptResult[]): CountedResult[] {
    return recordResults(this.tables, leaseHolder, results);
  }

  protected async step<T>(name: string, effect: () => T): Promise<T> {
    await this.points.before(name);
    const result = effect();
    await this.points.after(name);
    return result;
  }
}
