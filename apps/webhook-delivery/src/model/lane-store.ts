import type { DialectName, Endpoint, SuspensionReason } from '@casewire/contracts';

import type { IncomingEvent } from './incoming-event.ts';

/**
 * Where deliveries go: an endpoint of the registry, or a callback URL that came with an event. A destination's lanes are
 * its own; a lane is (destination, topic, key, feature, replay job).
 */
export type DeliveryDestination = { endpoint: Endpoint } | { callback: CallbackDestination };

/** A callback URL of an organization; `callbackDestination` makes it. */
export interface CallbackDestination {
  /** sha256 of organization, environment, dialect and URL: the same URL is the same destination. */
  hash: Buffer;
  /** Sealed under `callbackUrlOwner(hash)`. */
  sealedUrl: string;
  dialect: DialectName;
  /** All callback URLs of a host have their breaker together. */
  host: string;
}

/** What is sent, pinned: every attempt sends these bytes. */
export interface PinnedRequest {
  dialect: DialectName;
  /** The event type's version that the body is written in. */
  version: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Why it cannot be sent at all; it is given up, with this reason, when its turn comes. Begins with a stable code. */
  fault: string | null;
}

export interface NewDelivery extends PinnedRequest {
  destination: DeliveryDestination;
}

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
    deliveries: NewDelivery[];
    /**
     * The event says that what its key stands for was erased: what is open for the key is canceled and what is stored of
     * it scrubbed, this event itself excepted.
     */
    erases: boolean;
    /** The URL that came with the event, sealed. */
    callbackUrl: string | null;
    /** It came on a partition that its key does not belong to. */
    misplaced: boolean;
  }[];
}

export interface IngestResult {
  /** Events that were new. */
  events: number;
  deliveries: number;
  /** Records below the partition's cursor: taken in before, or written to a topic that was made anew under its old name. */
  skipped: number;
  /** What was claimed along with it. */
  heads: ClaimedHead[];
}

/** What came of writing down outcomes. */
export interface RecordedResults {
  /** How many counted. */
  counted: number;
  /** Whether something is due now at their destinations: a claim may find it, unless they must not be sent to. */
  due: boolean;
}

/** Who may claim along with an ingest, and how much at most. The lease begins no earlier than the call. */
export interface ClaimOffer {
  leaseHolder: string;
  slots: number;
}

/** The head of a lane that was claimed: this attempt is on record, and is its lease holder's until the lease ends. */
export interface ClaimedHead extends PinnedRequest {
  laneId: string;
  /** Its place in its lane, from 1. */
  seq: string;
  epoch: string;
  /** The number of this attempt, from 1. */
  attempt: number;
  /** When the attempt was due. */
  dueAt: Date;
  deliveryId: string;
  eventId: string;
  eventType: string;
  destinationId: string;
  organizationId: string;
  /** Null for a callback URL. */
  endpointId: string | null;
  /** Null for an endpoint. */
  callback: { hash: Buffer; sealedUrl: string | null; host: string } | null;
  /** The event before it in the lane. */
  previousId: string | null;
  /** Events directly before it that were given up. */
  gap: number;
  /** The job that sends it again; null for an event's own delivery. */
  replayJob: string | null;
  /** What came of the attempt before; null at the first. */
  lastStatus: number | null;
  lastError: string | null;
  traceparent: string | null;
}

/**
 * - delivered: the head moves on, and the gap before it is told.
 * - failed: the head stays, due again after the delay.
 * - exhausted: the delivery is given up, and the head moves on.
 * - blocked: the delivery is given up for now; it stays at the head of its lane, which waits for `releaseHeld`.
 */
export type AttemptOutcome = 'delivered' | 'failed' | 'exhausted' | 'blocked';

/** What came of an attempt. */
export interface AttemptResult {
  laneId: string;
  epoch: string;
  deliveryId: string;
  attempt: number;
  outcome: AttemptOutcome;
  delayMs: number;
  /** Whether a request was made; what was not sent says nothing of its destination. */
  sent: boolean;
  /** Also for the destination's other lanes: for so long it asked not to be called at all. */
  requestedPauseMs: number;
  startedAt: Date;
  durationMs: number;
  /** Those of this attempt, beside the delivery's own; nothing secret in them. */
  requestHeaders: Record<string, string>;
  /** Null where the delivery's bytes were sent, or nothing. */
  requestBody: Buffer | null;
  status: number | null;
  responseHeaders: Record<string, string> | null;
  responseBody: Buffer | null;
  error: string | null;
}

/** What is sent again: an event's delivery, in a lane of its replay. */
export interface ReplayItem extends PinnedRequest {
  eventId: string;
  topic: string;
  lane: { key: string; feature: string };
}

/** A destination as the registry has it. */
export interface Destination {
  endpointId: string;
  organizationId: string;
  environment: string;
  enabled: boolean;
  revision: number;
  maxInFlight: number;
  ratePerSecond: number | null;
}

/**
 * The lanes: which delivery is next, who is at it, and what came of it. Every method is one step that happens as a whole
 * or not at all, and may be called by several instances at once.
 */
export interface LaneStore {
  /**
   * Takes in a batch, once; a record below the partition's cursor was taken in before and adds nothing. With an offer it
   * also claims, by the rules of `claim`, what is due at the destinations of the batch.
   * @throws EventRejected for an id that was used for another event
   */
  ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult>;
  /**
   * Claims due heads of destinations that may be sent to (enabled, not suspended, gate open, tokens left, fewer in flight
   * than their limit): at most `slots`. Where very many destinations wait, it may take some calls to come round to one. The
   * attempt counts from here on, whatever becomes of the lease holder.
   */
  claim(leaseHolder: string, slots: number): Promise<ClaimedHead[]>;
  /**
   * Writes down outcomes; one whose lane was taken by another since changes nothing. Afterwards, in a step of its own,
   * what they say of their destinations' health.
   */
  recordResults(leaseHolder: string, outcomes: readonly AttemptResult[]): Promise<RecordedResults>;
  /** Gives back heads of which nothing was sent: they are due again at once, and the attempts do not count. */
  release(
    leaseHolder: string,
    heads: readonly Pick<ClaimedHead, 'laneId' | 'epoch'>[],
  ): Promise<number>;
  /**
   * Decides on the head of a lane that is blocked, named by the lane or by the delivery at its head. Retry: it is due now,
   * with all its attempts before it. Skip: it is exhausted, and the lane goes on. @returns whether the lane was blocked
   */
  unblock(
    blocked: { laneId: string } | { deliveryId: string },
    decision: 'retry' | 'skip',
  ): Promise<boolean>;
  /** Registers or changes a destination, unless a newer revision is known. A newer one that enables lifts a suspension. */
  setDestination(destination: Destination): Promise<void>;
  /** Cancels what is open for an endpoint that is no more, now and for events that were matched before. */
  deleteDestination(endpointId: string): Promise<void>;
  /**
   * Sends an endpoint nothing more until it is resumed; its deliveries accrue. Callback URLs are never suspended.
   * @returns whether it was not suspended before
   */
  suspend(endpointId: string, reason: SuspensionReason): Promise<boolean>;
  /** Lifts a suspension, and forgets the failures that led to it. @returns whether the endpoint was suspended */
  resume(endpointId: string): Promise<boolean>;
  /**
   * Puts deliveries into a job's lanes of one destination, in the given order; an event that the job has there already is
   * passed over, as is one whose data was erased. Nothing is put into the lanes of a job that was canceled, or of a
   * destination that is no more. @returns how many were put
   */
  enqueueReplay(job: string, destinationId: string, items: readonly ReplayItem[]): Promise<number>;
  /** Cancels a job and what is open of it; an answer under way changes nothing. @returns how many were canceled */
  cancelReplay(job: string): Promise<number>;
  /**
   * Gives up, as expired, what has waited since before `olderThan` at destinations that have been disabled or suspended
   * since before then. @returns how many expired
   */
  expire(olderThan: Date): Promise<number>;
}
