import { z } from 'zod';

import { DialectName } from './registry.ts';
import { Environment } from './stage.ts';
import { uuidV5 } from './uuid-v5.ts';

/**
 * The headers of a record on `events.*`: CloudEvents 1.0, Kafka protocol binding, binary content mode.
 * Unknown `ce_` headers are extensions and pass.
 */
export const EventHeaders = z.object({
  ce_specversion: z.literal('1.0'),
  ce_id: z.string().min(1).max(256),
  ce_source: z.string().min(1).max(512),
  ce_type: z.string().min(1).max(128),
  ce_time: z.iso.datetime({ offset: true }),
  'content-type': z.string().regex(/^application\/([a-z.+-]+\+)?json\b/i),
  ce_organization: z.uuid(),
  ce_environment: Environment,
  ce_feature: z.string().max(64).optional(),
  ce_subject: z.string().max(256).optional(),
  ce_dataschemaversion: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .optional(),
  /** The callback URL of the event, called exactly as given. */
  ce_destination: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  /** The dialect of the callback URL, instead of the organization's. */
  ce_dialect: DialectName.optional(),
  /** The publisher's correlation id, passed through to deliveries. */
  ce_correlationid: z.string().min(1).max(256).optional(),
  traceparent: z.string().optional(),
});
export type EventHeaders = z.infer<typeof EventHeaders>;

/**
 * The id by which deliveries and the APIs know an event: the same at every publication.
 * @param source its `ce_source`
 * @param id its `ce_id`, unique within the source
 * @returns a UUID, which receivers get as `webhook-id`
 */
export const deliveredEventId = (topic: string, source: string, id: string): string =>
  uuidV5('event', topic, source, id);
