import { z } from 'zod';

import { SuspensionReason } from './delivery-event.ts';

export const DeliveryState = z.enum(['pending', 'delivered', 'exhausted', 'canceled', 'expired']);
export type DeliveryState = z.infer<typeof DeliveryState>;

export const DeliveryView = z.object({
  id: z.string(),
  eventId: z.uuid(),
  eventType: z.string(),
  eventVersion: z.int().positive(),
  /** Null for a callback URL. */
  endpointId: z.uuid().nullable(),
  /** The callback URL; null for an endpoint. */
  callbackUrl: z.string().nullable(),
  state: DeliveryState,
  /** The delivery's place in its lane, as `webhook-sequence` has it; null for a replay. */
  sequence: z.int().positive().nullable(),
  /** The job that replays it; null for the event's own delivery. */
  replayId: z.string().nullable(),
  /** Its lane is blocked: this delivery, or one before it, was exhausted, and the endpoint's policy is to wait for a decision. */
  blocked: z.boolean(),
  attempts: z.int().nonnegative(),
  nextAttemptAt: z.iso.datetime().nullable(),
  occurredAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  settledAt: z.iso.datetime().nullable(),
  lastStatus: z.int().nullable(),
  lastError: z.string().nullable(),
});
export type DeliveryView = z.infer<typeof DeliveryView>;

export const AttemptView = z.object({
  number: z.int().positive(),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  requestHeaders: z.record(z.string(), z.string()),
  /** The exact bytes that were sent and signed. */
  requestBody: z.string(),
  status: z.int().nullable(),
  responseHeaders: z.record(z.string(), z.string()).nullable(),
  /** The first 4 KiB. */
  responseBody: z.string().nullable(),
  error: z.string().nullable(),
  nextAttemptAt: z.iso.datetime().nullable(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const DeliveryDetail = DeliveryView.extend({ attemptLog: z.array(AttemptView) });
export type DeliveryDetail = z.infer<typeof DeliveryDetail>;

/** The health of an endpoint. */
export const EndpointHealth = z.object({
  endpointId: z.uuid(),
  enabled: z.boolean(),
  suspended: z.object({ since: z.iso.datetime(), reason: SuspensionReason }).nullable(),
  /** Start of the current series of failures; null after a success. */
  failingSince: z.iso.datetime().nullable(),
  lastDeliveredAt: z.iso.datetime().nullable(),
  /** No request before this moment: the breaker is open, or the endpoint sent Retry-After. */
  pausedUntil: z.iso.datetime().nullable(),
  /** Current limit of concurrent requests; below the configured limit after the endpoint reported an overload. */
  inFlightLimit: z.int().positive(),
  pending: z.int().nonnegative(),
  /** Blocked lanes. */
  blocked: z.int().nonnegative(),
});
export type EndpointHealth = z.infer<typeof EndpointHealth>;

/** Thirty days at most: all retry schedules have ended by then. */
export const AdvanceTestClock = z.strictObject({ seconds: z.int().min(1).max(2_592_000) });
export type AdvanceTestClock = z.infer<typeof AdvanceTestClock>;

/** What the advance moved nearer, of cases. */
export const CaseClockAdvanced = z.object({
  /** Runs under way, whose deadlines are nearer now. */
  runs: z.int().nonnegative(),
  /** Open reviews, which are due earlier now. */
  reviews: z.int().nonnegative(),
});
export type CaseClockAdvanced = z.infer<typeof CaseClockAdvanced>;

/** What the advance moved nearer. */
export const TestClockAdvanced = z.object({
  /** Lanes that wait for a retry. */
  retries: z.int().nonnegative(),
  /** Endpoints whose pause is shorter now. */
  endpoints: z.int().nonnegative(),
});
export type TestClockAdvanced = z.infer<typeof TestClockAdvanced>;

const period = { from: z.iso.datetime({ offset: true }), to: z.iso.datetime({ offset: true }) };

/** Which deliveries to send again. */
export const CreateReplay = z.discriminatedUnion('kind', [
  /** One settled delivery. */
  z.strictObject({ kind: z.literal('delivery'), deliveryId: z.string().regex(/^\d{1,18}$/) }),
  /** Everything that failed at an endpoint since a moment. */
  z.strictObject({
    kind: z.literal('failed'),
    endpointId: z.uuid(),
    since: z.iso.datetime({ offset: true }),
  }),
  /** The events of a period, in order. */
  z.strictObject({ kind: z.literal('period'), endpointId: z.uuid(), ...period }),
  /** The events of a case, or of another key, in order. */
  z.strictObject({
    kind: z.literal('key'),
    endpointId: z.uuid(),
    topic: z.string().max(249).default('events.casewire'),
    key: z.string().min(1).max(256),
  }),
]);
export type CreateReplay = z.infer<typeof CreateReplay>;

export const ReplayState = z.enum(['running', 'completed', 'canceled', 'failed']);
export type ReplayState = z.infer<typeof ReplayState>;

export const ReplayView = z.object({
  id: z.string(),
  endpointId: z.uuid().nullable(),
  /** The kind of the request; `dead-letter` for a record that was replayed after a fix. */
  kind: z.enum(['delivery', 'failed', 'period', 'key', 'dead-letter']),
  parameters: z.record(z.string(), z.json()),
  state: ReplayState,
  /** Deliveries that are in the lanes of the replay so far, by state. */
  progress: z.object({
    queued: z.int().nonnegative(),
    pending: z.int().nonnegative(),
    delivered: z.int().nonnegative(),
    exhausted: z.int().nonnegative(),
    canceled: z.int().nonnegative(),
  }),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type ReplayView = z.infer<typeof ReplayView>;

/** The decision about the delivery at the head of a blocked lane. */
export const UnblockDelivery = z.strictObject({ decision: z.enum(['retry', 'skip']) });
export type UnblockDelivery = z.infer<typeof UnblockDelivery>;

/** A record on an event topic that could not be processed. */
export const DeadLetterView = z.object({
  id: z.string(),
  topic: z.string(),
  partition: z.int().nonnegative(),
  offset: z.string(),
  key: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
  /** The record's value as text; bytes that are not UTF-8 are replaced. */
  value: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
  receivedAt: z.iso.datetime(),
  replayedAt: z.iso.datetime().nullable(),
});
export type DeadLetterView = z.infer<typeof DeadLetterView>;

/** A notification e-mail. Without an SMTP server it is only stored. */
export const NotificationView = z.object({
  id: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  createdAt: z.iso.datetime(),
  sentAt: z.iso.datetime().nullable(),
});
export type NotificationView = z.infer<typeof NotificationView>;
