import { z } from 'zod';

import { Stage } from './stage.ts';

/** An event of a case, as it is published on `events.casewire`. */
export const CaseEvent = z.object({
  /** The id that deliveries of the event have, and the header `webhook-id`. */
  id: z.uuid(),
  type: z.string(),
  occurredAt: z.iso.datetime(),
  /** False for a moment after it occurred, until it is on the topic. */
  published: z.boolean(),
  data: z.record(z.string(), z.json()),
});
export type CaseEvent = z.infer<typeof CaseEvent>;

/** What can happen in the life of a case. */
export const TimelineMoment = z.enum([
  'case.submitted',
  'case.linked',
  'upload.received',
  'stage.requested',
  'stage.completed',
  'stage.failed',
  /** A result for a run that had ended already: it changed nothing. */
  'stage.result_late',
  'document.assessed',
  'review.opened',
  'review.assigned',
  'review.resolved',
  'review.canceled',
  'action.required',
  'action.closed',
  'document.revised',
  'case.revised',
  'refresh.requested',
  'refresh.completed',
  'refresh.failed',
  'case.completed',
  'case.canceled',
  'case.deleted',
  /** In the sandbox: the test clock moved. */
  'time.advanced',
]);
export type TimelineMoment = z.infer<typeof TimelineMoment>;

/** One moment in the life of a case. */
export const TimelineEntry = z.object({
  at: z.iso.datetime(),
  what: TimelineMoment,
  uploadId: z.uuid().nullable(),
  stage: Stage.nullable(),
  run: z.int().positive().nullable(),
  /** The id of the event that it caused; null if it caused none. Deliveries have the same `eventId`. */
  eventId: z.uuid().nullable(),
  /** The particulars in a few words, such as the code of a failure; no personal data of the applicant. */
  detail: z.string().nullable(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const CaseTimeline = z.object({ caseId: z.uuid(), entries: z.array(TimelineEntry) });
export type CaseTimeline = z.infer<typeof CaseTimeline>;
