import { z } from 'zod';

import { Actor } from './actor.ts';
import { Assessment } from './assessment.ts';
import { aboutCase } from './case-event.ts';
import { DocumentType } from './document-type.ts';

const { number: assessment, ...verdict } = Assessment.shape;

/** The verdict on a document, from the results of its extraction and its forensics. */
export const DocumentAssessedData = z.object({
  ...aboutCase,
  uploadId: z.uuid(),
  documentType: DocumentType,
  ...verdict,
  /** The number of the assessment. */
  assessment,
});
export type DocumentAssessedData = z.infer<typeof DocumentAssessedData>;

export const ReviewType = z.enum(['screening_hit', 'document_review', 'risk_review']);
export type ReviewType = z.infer<typeof ReviewType>;

export const ReviewPriority = z.enum(['low', 'medium', 'high', 'critical']);
export type ReviewPriority = z.infer<typeof ReviewPriority>;

/** The causes of reviews that are opened automatically. */
export const AutomaticReviewCause = z.enum([
  'low_confidence',
  'fields_missing',
  'verdict',
  'unprocessable',
]);
export type AutomaticReviewCause = z.infer<typeof AutomaticReviewCause>;

/** Why a review was opened: automatically, or because a person requested it. */
export const ReviewCause = z.enum([...AutomaticReviewCause.options, 'manual']);
export type ReviewCause = z.infer<typeof ReviewCause>;

/** How a review ended: approved, rejected, approved with corrected fields, or further documents were requested. */
export const ReviewResolution = z.enum(['approved', 'rejected', 'corrected', 'more_requested']);
export type ReviewResolution = z.infer<typeof ReviewResolution>;

/** A review of the case by a person is requested. */
export const ReviewOpenedData = z.object({
  ...aboutCase,
  reviewId: z.uuid(),
  /** The document that caused the review; null if the review is about the case. */
  uploadId: z.uuid().nullable(),
  reviewType: ReviewType,
  priority: ReviewPriority,
  reason: z.string(),
  cause: ReviewCause,
});
export type ReviewOpenedData = z.infer<typeof ReviewOpenedData>;

export const ReviewAssignedData = z.object({
  ...aboutCase,
  reviewId: z.uuid(),
  assigneeId: z.uuid(),
});
export type ReviewAssignedData = z.infer<typeof ReviewAssignedData>;

export const ReviewResolvedData = z.object({
  ...aboutCase,
  reviewId: z.uuid(),
  resolution: ReviewResolution,
  resolvedBy: Actor,
});
export type ReviewResolvedData = z.infer<typeof ReviewResolvedData>;

/** A reviewer requested further documents: the case waits for them. */
export const CaseActionRequiredData = z.object({
  ...aboutCase,
  reviewId: z.uuid(),
  /** What is requested, in the reviewer's words; null once the case is erased. */
  request: z.string().nullable(),
});
export type CaseActionRequiredData = z.infer<typeof CaseActionRequiredData>;

/** A document changed after the result of the case was ready. */
export const DocumentRevisedData = z.object({
  ...aboutCase,
  uploadId: z.uuid(),
  /** The version of the document's extraction that the revision made. */
  revision: z.int().positive(),
});
export type DocumentRevisedData = z.infer<typeof DocumentRevisedData>;

/** A case changed after its result was ready. */
export const CaseRevisedData = z.object({ ...aboutCase, revision: z.int().positive() });
export type CaseRevisedData = z.infer<typeof CaseRevisedData>;
