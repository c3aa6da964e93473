import type {
  AttemptResult,
  ClaimedHead,
  ClaimOffer,
  Destination,
  IngestBatch,
  IngestResult,
  LaneStore,
  RecordedResults,
} from '../src/model/lane-store.ts';
import { namedId } from './events.ts';

/** A head as a claim gives it out. */
export const claimedHead = (over: Partial<ClaimedHead> = {}): ClaimedHead => ({
  laneId: '1',
  seq: '1',
  epoch: '1',
  attempt: 1,
  deliveryId: '1',
  eventId: namedId('event'),
  eventType: 'thing.happened',
  dueAt: new Date('2026-01-22T10:30:00Z'),
  destinationId: '1',
  endpointId: namedId('endpoint'),
  callback: null,
  organizationId: namedId('organization'),
  dialect: 'casewire',
  version: 1,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{}'),
  fault: null,
  previousId: null,
  gap: 0,
  replayJob: null,
  lastStatus: null,
  lastError: null,
  traceparent: null,
  ...over,
});

type Told =
  | 'ingest'
  | 'claim'
  | 'recordResults'
  | 'release'
  | 'setDestination'
  | 'deleteDestination';

/** Gives out what it is told to, and keeps what it is told. */
export class ScriptedStore implements Pick<LaneStore, Told> {
  readonly due: ClaimedHead[] = [];
  readonly claims: number[] = [];
  readonly results: AttemptResult[] = [];
  readonly released: string[] = [];
  readonly batches: IngestBatch[] = [];
  readonly offers: (ClaimOffer | undefined)[] = [];
  readonly destinations: (Destination | string)[] = [];
  /** Awaited in each claim, before anything is given out. */
  beforeClaim: () => Promise<void> | void = () => {};
  beforeFinish: (outcomes: readonly AttemptResult[]) => Promise<void> | void = () => {};
  beforeIngest: (batch: IngestBatch) => Promise<void> | void = () => {};
  beforeDestination: () => Promise<void> | void = () => {};

  async ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult> {
    this.offers.push(offer);
    await this.beforeIngest(batch);
    this.batches.push(batch);
    const deliveries = batch.events.reduce((sum, one) => sum + one.deliveries.length, 0);
    const heads = this.due.splice(0, offer?.slots ?? 0);
    return { events: batch.events.length, deliveries, skipped: 0, heads };
  }

  async claim(_: string, slots: number): Promise<ClaimedHead[]> {
    await this.beforeClaim();
    this.claims.push(slots);
    return this.due.splice(0, slots);
  }

  async recordResults(_: string, outcomes: readonly AttemptResult[]): Promise<RecordedResults> {
    await this.beforeFinish(outcomes);
    this.results.push(...outcomes);
    return { counted: outcomes.length, due: this.due.length > 0 };
  }

  async release(_: string, heads: readonly Pick<ClaimedHead, 'laneId'>[]): Promise<number> {
    this.released.push(...heads.map(({ laneId }) => laneId));
    return heads.length;
  }

  async setDestination(destination: Destination): Promise<void> {
    await this.beforeDestination();
    this.destinations.push(destination);
  }

  async deleteDestination(endpointId: string): Promise<void> {
    await this.beforeDestination();
    this.destinations.push(endpointId);
  }
}

export interface Line {
  event: string;
  [field: string]: unknown;
}

/** Keeps its lines. */
export class KeptLog {
  readonly lines: Line[] = [];
  readonly info = (line: Line): void => void this.lines.push(line);
  readonly warn = this.info;
  readonly error = this.info;

  get events(): string[] {
    return this.lines.map(({ event }) => event);
  }
}
