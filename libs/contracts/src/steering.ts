import { z } from 'zod';

import { DocumentVerdict } from './assessment.ts';
import { AutomaticReviewCause } from './review-event.ts';
import { Stage } from './stage.ts';

/** What the file name of a sandbox upload makes the platform do. Production uploads have none. */
export const Steering = z.object({
  /** These stages fail. */
  failing: z.array(Stage),
  /** Every stage is requested this much later, in seconds. */
  delaySeconds: z.int().min(0).max(86_400),
  /** The verdict on the document; null: as the rules decide. */
  verdict: DocumentVerdict.nullable(),
  /** A review with this cause is opened, whatever the organization's setting; null: none. */
  review: AutomaticReviewCause.nullable(),
  /** Every run of a refresh fails. */
  refreshFails: z.boolean(),
});
export type Steering = z.infer<typeof Steering>;
