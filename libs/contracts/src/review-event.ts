import { z } from 'zod';

import { aboutCase } from './case-event.ts';
import { DocumentType } from './document-type.ts';

/** The verdict on a document, from the results of all its stages. */
export const DocumentAssessedData = z.object({
  ...aboutCase,
  uploadId: z.uuid(),
  documentType: DocumentType,
  verdict: z.enum(['verified', 'rejected', 'review']),
  /** 0 to 1; null without OCR. */
  ocrConfidence: z.number().min(0).max(1).nullable(),
  fraudSignals: z.array(z.string()),
  securityFeatures: z.array(z.string()),
});
export type DocumentAssessedData = z.infer<typeof DocumentAssessedData>;

/** A review of the case by a person is requested. */
export const ReviewOpenedData = z.object({
  ...aboutCase,
  reviewId: z.uuid(),
  reviewType: z.enum(['screening_hit', 'document_review', 'risk_review']),
  priority: z.enum(['low', 'medium', 'high', 'critical']),
  reason: z.string(),
  /** The cause of the review: the case cannot be processed automatically, a verdict requires it, or a person requested it. */
  cause: z.enum(['unprocessable', 'verdict', 'manual']),
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
  resolution: z.enum(['approved', 'rejected']),
  resolvedBy: z.uuid().nullable(),
});
export type ReviewResolvedData = z.infer<typeof ReviewResolvedData>;

/** A document changed after the result of the case was ready. */
export const DocumentRevisedData = z.object({
  ...aboutCase,
  uploadId: z.uuid(),
  revision: z.int().positive(),
});
export type DocumentRevisedData = z.infer<typeof DocumentRevisedData>;

/** A case changed after its result was ready. */
export const CaseRevisedData = z.object({ ...aboutCase, revision: z.int().positive() });
export type CaseRevisedData = z.infer<typeof CaseRevisedData>;
