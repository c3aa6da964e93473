import { z } from 'zod';

import { Actor } from './actor.ts';
import { PageQuery } from './case-api.ts';
import { ReviewCause, ReviewPriority, ReviewResolution, ReviewType } from './review-event.ts';

const text = z.string().min(1).max(4000);

/** A field of a document, by its name, with its corrected value; null removes the field. */
export const CorrectedField = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be the name of a field, such as date_of_birth'),
  value: z.string().min(1).max(1024).nullable(),
});
export type CorrectedField = z.infer<typeof CorrectedField>;

/** Corrections of one document: at least one, each of another field. */
export const CorrectedFields = z
  .array(CorrectedField)
  .min(1)
  .max(100)
  .refine(
    (fields) => new Set(fields.map(({ name }) => name)).size === fields.length,
    'must not name a field twice',
  );

/** The corrections of one document. */
export const DocumentCorrection = z.strictObject({ uploadId: z.uuid(), fields: CorrectedFields });
export type DocumentCorrection = z.infer<typeof DocumentCorrection>;

export const OpenReview = z.strictObject({
  reviewType: ReviewType.default('document_review'),
  priority: ReviewPriority.default('medium'),
  /** Why a person must look at the case; part of the event `review.opened`. */
  reason: text,
  /** The document that the review is about. */
  uploadId: z.uuid().optional(),
});
export type OpenReview = z.infer<typeof OpenReview>;

export const AssignReview = z.strictObject({
  assigneeId: z.uuid(),
  assigneeName: z.string().min(1).max(200).optional(),
});
export type AssignReview = z.infer<typeof AssignReview>;

export const CommentReview = z.strictObject({ text });
export type CommentReview = z.infer<typeof CommentReview>;

export const ResolveReview = z
  .strictObject({
    resolution: ReviewResolution,
    /** The reason of the decision; for `more_requested`: what is requested, part of the event `case.action_required`. */
    comment: text.optional(),
    /** Required for `corrected`, and not allowed for other resolutions. */
    corrections: z.array(DocumentCorrection).min(1).max(20).optional(),
  })
  .refine(
    ({ resolution, corrections }) => (resolution === 'corrected') === (corrections !== undefined),
    { path: ['corrections'], message: 'is required for `corrected`, and not allowed otherwise' },
  )
  .refine(({ resolution, comment }) => resolution !== 'more_requested' || comment !== undefined, {
    path: ['comment'],
    message: 'is required for `more_requested`: it says what is requested',
  });
export type ResolveReview = z.infer<typeof ResolveReview>;

export const ReviewStatus = z.enum(['open', 'resolved', 'canceled']);
export type ReviewStatus = z.infer<typeof ReviewStatus>;

export const ReviewComment = z.object({
  id: z.uuid(),
  text: z.string(),
  by: Actor,
  at: z.iso.datetime(),
});
export type ReviewComment = z.infer<typeof ReviewComment>;

export const ReviewView = z.object({
  id: z.uuid(),
  caseId: z.uuid(),
  status: ReviewStatus,
  reviewType: ReviewType,
  priority: ReviewPriority,
  cause: ReviewCause,
  reason: z.string(),
  uploadId: z.uuid().nullable(),
  /** Null for a review that was opened automatically. */
  openedBy: Actor.nullable(),
  openedAt: z.iso.datetime(),
  /** By the review's priority. */
  dueAt: z.iso.datetime(),
  assignee: z.object({ id: z.uuid(), name: z.string().nullable() }).nullable(),
  resolution: ReviewResolution.nullable(),
  resolvedBy: Actor.nullable(),
  resolvedAt: z.iso.datetime().nullable(),
  comments: z.array(ReviewComment),
});
export type ReviewView = z.infer<typeof ReviewView>;

/** A review in a list, without its comments. */
export const ReviewSummary = ReviewView.omit({ comments: true });
export type ReviewSummary = z.infer<typeof ReviewSummary>;

export const ReviewsQuery = PageQuery.extend({
  status: ReviewStatus.optional(),
  caseId: z.uuid().optional(),
  assigneeId: z.uuid().optional(),
});
export type ReviewsQuery = z.infer<typeof ReviewsQuery>;
