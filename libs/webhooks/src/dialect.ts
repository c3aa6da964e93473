import type { DialectName } from '@casewire/contracts';

import type { RetrySchedule } from './retry-schedule.ts';

/** An event to deliver, independent of the dialect. */
export interface DeliverableEvent {
  id: string;
  type: string;
  version: number;
  organizationId: string;
  environment: string;
  /** ISO 8601: when the event happened, not when it is sent. */
  occurredAt: string;
  feature: string | null;
  /** The CloudEvents subject: what the event is about. */
  subject: string | null;
  /** The publisher's own id for events that belong together. */
  correlationId: string | null;
  data: Record<string, unknown>;
}

/** Where a delivery goes: an endpoint or a callback URL. */
export interface DeliveryDestination {
  /** Null for a callback URL. */
  endpointId: string | null;
}

/** One attempt, at the time it is sent. */
export interface AttemptContext {
  eventId: string;
  eventType: string;
  /** From 1. */
  number: number;
  sentAt: Date;
  /** When the attempt was due. */
  dueAt: Date;
  url: string;
  /** HTTP status of the previous attempt; null at the first, or where there was no response. */
  lastStatus: number | null;
  /** Error of the previous attempt; null at the first. */
  lastError: string | null;
}

/** The secrets with which an attempt is signed. */
export interface Credentials {
  /** The endpoint's secrets, the newest first. */
  secrets: readonly Uint8Array[];
  /** The endpoint's token; a callback URL has none. */
  token: string | null;
}

/**
 * A vendor's wire format for events, signatures and retries. Everything else (lanes, the webhook-* headers) is the same for
 * all destinations.
 */
export interface Dialect {
  readonly name: DialectName;
  /**
   * The dialect's own event names, each with the catalog's event types that it denotes. Null: the dialect uses the
   * catalog's names.
   */
  readonly eventNames: ReadonlyMap<string, readonly string[]> | null;
  /** The dialect's name for the event; null where it has none: then the event is not sent. */
  nameOf(event: DeliverableEvent): string | null;
  /** The body, before it is serialized as JSON. */
  body(event: DeliverableEvent, addressee: DeliveryDestination): unknown;
  /** Headers in addition to those of every request; they may replace content-type and user-agent. */
  headers(event: DeliverableEvent): Record<string, string>;
  /** The body of this attempt, made from the delivery's stored body; only for dialects whose body describes the attempt. */
  attemptBody?(storedBody: Buffer, attempt: AttemptContext): Buffer;
  /** Headers of one attempt in addition to webhook-*, computed over the bytes that are sent. */
  attemptHeaders?(
    body: Uint8Array,
    attempt: AttemptContext,
    credentials: Credentials,
  ): Record<string, string>;
  /** Names of request headers, in lower case, whose values are secrets: an attempt is stored with these values masked. */
  readonly secretHeaders: readonly string[];
  /** Whether a destination must consent to an OPTIONS request before the first delivery. */
  readonly handshake?: boolean;
  readonly schedule: RetrySchedule;
  /** Total time an attempt may take, in milliseconds. */
  readonly timeoutMs: number;
}
