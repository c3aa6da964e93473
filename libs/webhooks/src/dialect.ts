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
  data: Record<string, unknown>;
}

/** How an endpoint wants to be spoken to. Everything else (lanes, retries, the webhook-* headers) is the same for all. */
export interface Dialect {
  readonly name: DialectName;
  /** Whether the dialect has words for this type of event; what it has no words for is not sent. */
  speaks(eventType: string): boolean;
  /** What stands in the body, before it is written as JSON. */
  body(event: DeliverableEvent): unknown;
  /** Headers beside those that every request carries. */
  headers(event: DeliverableEvent): Record<string, string>;
  readonly schedule: RetrySchedule;
  /** Total time an attempt may take, in milliseconds. */
  readonly timeoutMs: number;
}
