import { z } from 'zod';

import { Environment } from './stage.ts';

const about = {
  organizationId: z.uuid(),
  environment: Environment,
  /** Null for a callback URL, which has no endpoint. */
  endpointId: z.uuid().nullable(),
  occurredAt: z.iso.datetime(),
};

/** Why delivery suspended an endpoint. */
export const SuspensionReason = z.enum(['failing', 'gone']);
export type SuspensionReason = z.infer<typeof SuspensionReason>;

/** What delivery publishes on `deliveries.events`: CloudEvents of the source `/casewire/deliveries`. */
export const DeliveryEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('delivery.exhausted'),
    ...about,
    deliveryId: z.string(),
    eventId: z.uuid(),
    eventType: z.string(),
    attempts: z.int().nonnegative(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable(),
  }),
  z.object({
    type: z.literal('delivery.expired'),
    ...about,
    deliveryId: z.string(),
    eventId: z.uuid(),
    eventType: z.string(),
  }),
  z.object({
    type: z.literal('endpoint.suspended'),
    ...about,
    reason: SuspensionReason,
    failingSince: z.iso.datetime().nullable(),
  }),
  z.object({ type: z.literal('endpoint.resumed'), ...about }),
]);
export type DeliveryEvent = z.infer<typeof DeliveryEvent>;
