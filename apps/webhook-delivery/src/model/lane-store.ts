import type { DialectName, Endpoint, SuspensionReason } from '@casewire/contracts';

import type { IncomingEvent } from './incoming-event.ts';

/**
 * Where a delivery goes: an endpoint of the registry, or a callback URL. Every destination has its own lanes; a lane is
 * (destination, topic, key, feature, replay job).
 */
export type DeliveryDestination = { endpoint: Endpoint } | { callback: CallbackDestination };

/** A callback URL of an organization; created by `callbackDestination`. */
export interface CallbackDestination {
  /** sha256 of organization, environment, dialect and URL: the same URL is the same destination. */
  hash: Buffer;
  /** Sealed with the context `callbackUrlSealContext(hash)`. */
  sealedUrl: string;
  dialect: DialectName;
  /** All callback URLs of a host share one breaker. */
  host: string;
}

/** A pinned request: every attempt sends these bytes. */
export interface PinnedRequest {
  dialect: DialectName;
  /** The event type's version of the body. */
  version: number;
  headers: Record<string, string>;
  body: Buffer;
  /**
   * Why it can never be sent, beginning with a stable code; null if it can. When it becomes the head of its lane, it is given
   * up with this reason.
   */
  fault: string | null;
}

export interface NewDelivery extends PinnedRequest {
  destination: DeliveryDestination;
}

/** Records of one partition that are ingested in one transaction. */
export interface IngestBatch {
  topic: string;
  partition: number;
  /** The offset after the last record of the batch. */
  nextOffset: bigint;
  /** The read index with which the events were matched. */
  registryOffset: bigint;
  events: {
    event: IncomingEvent;
    lane: { key: string; feature: string };
    deliveries: NewDelivery[];
    /**
     * The case of this key was erased: open deliveries of the key are canceled and its stored data is removed, except
     * those of this event.
     */
    erases: boolean;
    /** The callback URL in the record, sealed. */
    callbackUrl: string | null;
    /** The record is not on the partition to which its key belongs. */
    misplaced: boolean;
  }[];
}

export interface IngestResult {
  /** Number of new events. */
  events: number;
  deliveries: number;
  /** Records below the partition's cursor: ingested before, or written to a topic that was created again under its old name. */
  skipped: number;
  /** Heads that were claimed in the same transaction. */
  heads: ClaimedHead[];
}

/** The effect of recording attempt results. */
export interface RecordedResults {
  /** How many results counted: their lanes were not claimed again or canceled meanwhile. */
  counted: number;
  /** Whether a lane is due at their destinations. A claim may return it, if the destination may be sent to. */
  due: boolean;
}

/** Makes an ingest also claim heads: for which lease holder, and at most how many. The lease begins no earlier than the call. */
export interface ClaimOffer {
  leaseHolder: string;
  slots: number;
}

/** A claimed head. Its attempt is counted, and only its lease holder may send it until the lease ends. */
export interface ClaimedHead extends PinnedRequest {
  laneId: string;
  /** The place in its lane, from 1. */
  seq: string;
  /** The fencing token of the lease. */
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
  /** The id of the previous event in the lane. */
  previousId: string | null;
  /** How many events directly before it were given up. */
  gap: number;
  /** The replay that it belongs to; null for an event's own delivery. */
  replayJob: string | null;
  /** Status of the previous attempt; null at the first. */
  lastStatus: number | null;
  lastError: string | null;
  traceparent: string | null;
}

/**
 * How an attempt ended.
 * - delivered: the head moves on, and the gap is zero again.
 * - failed: the head stays, and is due again after the delay.
 * - exhausted: the delivery is given up, and the head moves on.
 * - blocked: the delivery stays at the head of its lane, which waits for a decision (`unblock`).
 */
export type AttemptOutcome = 'delivered' | 'failed' | 'exhausted' | 'blocked';

/** The result of an attempt: what came back, and what follows for the lane. */
export interface AttemptResult {
  laneId: string;
  epoch: string;
  deliveryId: string;
  attempt: number;
  outcome: AttemptOutcome;
  /** Milliseconds until the next attempt. */
  delayMs: number;
  /** Whether a request was made; only then does the result count for the health of the destination. */
  sent: boolean;
  /** The pause that the destination requested, in milliseconds; it applies to all lanes of the destination. */
  requestedPauseMs: number;
  startedAt: Date;
  durationMs: number;
  /** Headers of this attempt in addition to the delivery's own; secrets are masked. */
  requestHeaders: Record<string, string>;
  /** Null if the delivery's bytes were sent, or no request was made. */
  requestBody: Buffer | null;
  status: number | null;
  responseHeaders: Record<string, string> | null;
  responseBody: Buffer | null;
  error: string | null;
}

/** A delivery to send again, in a lane of its replay. */
export interface ReplayItem extends PinnedRequest {
  eventId: string;
  topic: string;
  lane: { key: string; feature: string };
}

/** An endpoint's settings in the registry. */
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
 * Stores lanes and deliveries: which delivery is next, who leases it, and how its attempts ended. Every method is atomic, and
 * several instances may call it at the same time.
 */
export interface LaneStore {
  /**
   * Stores a batch once: records below the partition's cursor were ingested before and add nothing. With an offer it also
   * claims, by the rules of `claim`, due heads of the batch's destinations.
   * @throws EventRejected if an id was used for another event
   */
  ingest(batch: IngestBatch, offer?: ClaimOffer): Promise<IngestResult>;
  /**
   * Claims due heads of destinations that may be sent to (enabled, not suspended, gate open, tokens left, fewer in flight
   * than their limit): at most `slots`. If very many destinations wait, several calls may be necessary to reach one of them.
   * The attempt is counted here, even if the lease holder never sends it.
   */
  claim(leaseHolder: string, slots: number): Promise<ClaimedHead[]>;
  /**
   * Records attempt results; a result whose lease was lost changes nothing. Afterwards, in a second step, the health of their
   * destinations is updated.
   */
  recordResults(leaseHolder: string, results: readonly AttemptResult[]): Promise<RecordedResults>;
  /** Releases claimed heads without a request: they are due at once, and their attempts do not count. @returns how many */
  release(
    leaseHolder: string,
    heads: readonly Pick<ClaimedHead, 'laneId' | 'epoch'>[],
  ): Promise<number>;
  /**
   * Decides on the head of a blocked lane, named by the lane or by the delivery at its head. `retry`: it is due now, and its
   * schedule begins again. `skip`: it is exhausted, and the lane continues. @returns whether the lane was blocked
   */
  unblock(
    blocked: { laneId: string } | { deliveryId: string },
    decision: 'retry' | 'skip',
  ): Promise<boolean>;
  /** Registers or changes a destination, unless a newer revision is stored. A newer revision that enables it lifts a suspension. */
  setDestination(destination: Destination): Promise<void>;
  /** Cancels the open deliveries of a deleted endpoint, also those of events that were matched before and are ingested later. */
  deleteDestination(endpointId: string): Promise<void>;
  /**
   * Stops sending to an endpoint until it is resumed; its deliveries wait. Callback URLs are never suspended.
   * @returns whether it was not suspended before
   */
  suspend(endpointId: string, reason: SuspensionReason): Promise<boolean>;
  /** Lifts a suspension and resets the failures that led to it. @returns whether the endpoint was suspended */
  resume(endpointId: string): Promise<boolean>;
  /**
   * Appends deliveries to a replay's lanes of one destination, in the given order. Skips events that the replay already has
   * there, and events whose data was erased. Appends nothing if the replay was canceled or the destination was deleted.
   * @returns how many were appended
   */
  enqueueReplay(job: string, destinationId: string, items: readonly ReplayItem[]): Promise<number>;
  /** Cancels a replay and its open deliveries; results of attempts in flight do not count. @returns how many were canceled */
  cancelReplay(job: string): Promise<number>;
  /**
   * Expires deliveries that have waited since before `olderThan` at destinations that have been disabled or suspended since
   * before then. @returns how many expired
   */
  expire(olderThan: Date): Promise<number>;
}
