import { z } from 'zod';

import { Stage } from './stage.ts';

/** An event of a case, as it is published on `events.casewire`. */
export const CaseEvent = z.object({
  /** The id that deliveries of the event have, and the header `webhook-id`. */
  id: z.uuid(),
  type: z.string(),
  occurredAt: z.iso.datetime(),
  published: z.boolean(),
  data: z.record(z.string(), z.json()),
});
export type CaseEvent = z.infer<typeof CaseEvent>;

/** One moment in the life of a case. */
export const TimelineEntry = z.object({
  at: z.iso.datetime(),
  /** What happened, such as `upload.received` or `stage.requested`. */
  what: z.string(),
  uploadId: z.uuid().nullable(),
  stage: Stage.nullable(),
  run: z.int().positive().nullable(),
  /** The id of the event that it caused; null if it caused none. Deliveries have the same `eventId`. */
  eventId: z.uuid().nullable(),
  detail: z.string().nullable(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const CaseTimeline = z.object({ caseId: z.uuid(), entries: z.array(TimelineEntry) });
export type CaseTimeline = z.infer<typeof CaseTimeline>;
