import { z } from 'zod';

export const DeliveryState = z.enum(['pending', 'delivered', 'exhausted', 'canceled', 'expired']);
export type DeliveryState = z.infer<typeof DeliveryState>;

export const DeliveryView = z.object({
  id: z.string(),
  eventId: z.uuid(),
  eventType: z.string(),
  endpointId: z.uuid().nullable(),
  state: DeliveryState,
  /** The delivery's place in its lane, as `webhook-sequence` has it. */
  sequence: z.int().positive(),
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
