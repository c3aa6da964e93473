import type { DialectName } from '@casewire/contracts';

import type { IncomingEvent } from '../inbox/incoming-event.ts';
import type { PinnedDelivery } from '../inbox/matching.ts';

/** One partition's records, as they are taken in together. */
export interface IngestBatch {
  topic: string;
  partition: number;
  /** Behind the last record of the batch. */
  nextOffset: bigint;
  registryOffset: bigint;
  events: {
    event: IncomingEvent;
    lane: { key: string; feature: string };
    deliveries: PinnedDelivery[];
    /**
     * The event says that what its key stands for was erased: what is open for the key is canceled and what is stored of
     * it scrubbed, this event itself excepted.
     */
    erases: boolean;
  }[];
}

export interface Ingested {
  /** Events that were new. */
  events: number;
  deliveries: number;
  /** Records below the partition's cursor: taken in before, or written to a topic that was made anew under its old name. */
  skipped: number;
}

/** The head of a lane that was claimed: this attempt is on record, and is its owner's until the lease ends. */
export interface ClaimedHead {
  laneId: string;
  seq: string;
  epoch: string;
  /** The number of this attempt, from 1. */
  attempt: number;
  deliveryId: string;
  eventId: string;
  endpointId: string;
  organizationId: string;
  dialect: DialectName;
  headers: Record<string, string>;
  body: Buffer;
  /** The event before it in the lane. */
  previousId: string | null;
  traceparent: string | null;
}

/** What came of an attempt. */
export interface AttemptOutcome {
  laneId: string;
  epoch: string;
  deliveryId: string;
  attempt: number;
  /** delivered and exhausted move the head on; a failed one leaves it, to be tried again after the delay. */
  verdict: 'delivered' | 'failed' | 'exhausted';
  delayMs: number;
  startedAt: Date;
  durationMs: number;
  requestHeaders: Record<string, string>;
  status: number | null;
  responseHeaders: Record<string, string> | null;
  responseBody: Buffer | null;
  error: string | null;
}

/** The lanes: which delivery is next, who is at it, and what came of it. */
export interface LaneStore {
  /** Takes in a batch, once; a record below the partition's cursor was taken in before and adds nothing. */
  ingest(batch: IngestBatch): Promise<Ingested>;
  /** Claims due heads of destinations that may be sent to: at most `slots`. */
  claim(owner: string, slots: number): Promise<ClaimedHead[]>;
  /** Writes down outcomes; one whose lane was taken by another since changes nothing. @returns how many counted */
  finish(owner: string, outcomes: readonly AttemptOutcome[]): Promise<number>;
  /** Gives back heads of which nothing was sent: they are due again at once, and the attempts do not count. */
  release(owner: string, heads: readonly Pick<ClaimedHead, 'laneId' | 'epoch'>[]): Promise<number>;
  /** Registers or changes a destination, unless a newer revision is known. */
  setDestination(destination: Destination): Promise<void>;
  /** Cancels what is open for an endpoint that is no more, now and for events that were matched before. */
  deleteDestination(endpointId: string): Promise<void>;
}

export interface Destination {
  endpointId: string;
  organizationId: string;
  environment: string;
  enabled: boolean;
  revision: number;
}

/** How long a claim lasts; longer than any attempt may take. */
export const leaseSeconds = 30;
