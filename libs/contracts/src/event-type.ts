import { z } from 'zod';

import { Audience, referenceRecord } from './registry.ts';

/** One version of an event type, as the catalog publishes it under the key `name@version`. */
export const EventType = z.object({
  name: z.string().min(1).max(128),
  version: z.int().positive(),
  audience: Audience,
  category: z.string(),
  /** What causes the event, in one sentence. */
  trigger: z.string(),
  /** `casewire`, or the id of the team that owns it. */
  owner: z.string(),
  sourceTopic: z.string(),
  /** The order of events: per key and feature, per key, per key and type, or none. */
  ordering: z.enum(['key+feature', 'key', 'key+type', 'none']),
  status: z.enum(['reserved', 'active', 'deprecated', 'retired']),
  /** For an event with a callback URL: whether it goes there in addition to the endpoints, or instead of them. */
  callback: z.enum(['none', 'also', 'instead']),
  /** Organizations that the owner can address; null for all. */
  addressees: z.array(z.uuid()).nullable(),
  /** A JSONata expression that converts the data of this version into that of the version before; null at version 1. */
  downConversion: z.string().nullable(),
  /** JSON Schema 2020-12 of the event's data. */
  schema: z.record(z.string(), z.json()),
  sample: z.json(),
  ...referenceRecord,
});
export type EventType = z.infer<typeof EventType>;

export const eventTypeKey = (name: string, version: number): string => `${name}@${version}`;
