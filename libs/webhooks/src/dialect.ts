import type { DialectName } from '@casewire/contracts';

import type { RetrySchedule } from './retry-schedule.ts';

/** An event as it is to be delivered, whatever the dialect. */
export interface DeliverableEvent {
  id: string;
  type: string;
  version: number;
  organizationId: string;
  environment: string;
  /** ISO 8601: when it happened, not when it is sent. */
  occurredAt: string;
  feature: string | null;
  /** What the event is about, as its publisher says. */
  subject: string | null;
  /** By which the publisher traces what belongs together. */
  correlationId: string | null;
  data: Record<string, unknown>;
}

/** Whom a request is for. */
export interface Addressee {
  /** Null for a callback URL. */
  endpointId: string | null;
}

/** What is known of one attempt when it is sent. */
export interface AttemptFacts {
  eventId: string;
  eventType: string;
  /** From 1. */
  number: number;
  sentAt: Date;
  /** When the attempt was due. */
  dueAt: Date;
  url: string;
  /** What came of the attempt before it; null at the first. */
  lastStatus: number | null;
  lastError: string | null;
}

/** What an attempt is signed with. */
export interface Credentials {
  /** The endpoint's secrets, the newest first. */
  secrets: readonly Uint8Array[];
  /** The endpoint's token; a callback URL has none. */
  token: string | null;
}

/** How an endpoint wants to be spoken to. Everything else (lanes, retries, the webhook-* headers) is the same for all. */
export interface Dialect {
  readonly name: DialectName;
  /**
   * The dialect's own names of events, each with the catalog's types that it is made from. Null: the catalog's names are
   * its own.
   */
  readonly vocabulary: ReadonlyMap<string, readonly string[]> | null;
  /** The dialect's name for the event; null where it has no words for it: then it is not sent. */
  nameOf(event: DeliverableEvent): string | null;
  /** What stands in the body, before it is written as JSON. */
  body(event: DeliverableEvent, addressee: Addressee): unknown;
  /** Headers beside those that every request carries; they may stand in for content-type and user-agent. */
  headers(event: DeliverableEvent): Record<string, string>;
  /** Where the body tells of the attempt itself: the bytes of this attempt, out of those that were pinned. */
  attemptBody?(pinned: Buffer, attempt: AttemptFacts): Buffer;
  /** Headers of one attempt beside webhook-*, over the bytes that are sent. */
  attemptHeaders?(
    body: Uint8Array,
    attempt: AttemptFacts,
    credentials: Credentials,
  ): Record<string, string>;
  /** Names of request headers, in lower case, whose values are secrets: an attempt is stored with these values masked. */
  readonly secretHeaders: readonly string[];
  /** Whether a destination is asked by OPTIONS before it is sent anything. */
  readonly handshake?: boolean;
  readonly schedule: RetrySchedule;
  /** Total time an attempt may take, in milliseconds. */
  readonly timeoutMs: number;
}
