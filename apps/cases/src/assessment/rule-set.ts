import {
  AutomaticReviewCause,
  DocumentType,
  DocumentVerdict,
  ReviewPriority,
  ReviewType,
  Stage,
} from '@casewire/contracts';
import { z } from 'zod';

const fraction = z.number().min(0).max(1);

/** The conditions of a rule: the rule applies if all of them are true. */
const Condition = z
  .strictObject({
    /** The verdict of forensics is one of these. */
    forensics: z.array(z.enum(['pass', 'review', 'fail'])).min(1),
    /** Forensics has a finding with one of these codes. */
    findings: z.array(z.string().min(1)).min(1),
    /** One of these stages failed. */
    failed: z.array(Stage).min(1),
    /** A required field of the document's type is missing. */
    requiredFieldMissing: z.literal(true),
    /** The type of the document is one of these. */
    documentTypes: z.array(DocumentType).min(1),
    /** The document was recognized by OCR with less confidence than this. */
    ocrConfidenceBelow: fraction,
    /** The document was classified with less confidence than this. */
    classificationConfidenceBelow: fraction,
  })
  .partial()
  .refine((value) => Object.keys(value).length > 0, 'must have at least one condition');
export type Condition = z.infer<typeof Condition>;

const Rule = z.strictObject({
  verdict: DocumentVerdict.exclude(['verified']),
  /** A stable code, which is part of the verdict. */
  reason: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be a name such as fields_missing'),
  when: Condition,
});

const ReviewSettings = z.strictObject({
  reviewType: ReviewType,
  priority: ReviewPriority,
});

/** The rules that give verdicts on documents and open reviews automatically. */
export const RuleSet = z.strictObject({
  /** Recorded with every verdict. */
  version: z.string().min(1).max(64),
  /** Every rule that applies gives its reason; `rejected` outweighs `review`. A document to which none applies is verified. */
  rules: z.array(Rule).max(200),
  /** By document type, the fields that a document must have. */
  requiredFields: z.partialRecord(DocumentType, z.array(z.string().min(1)).min(1)),
  /** By check of forensics that ran and found nothing, the security feature that is sound. */
  securityFeatures: z.record(z.string().min(1), z.string().min(1)),
  /** A document that is classified with less confidence than this gets a review. */
  minimumClassificationConfidence: fraction,
  /** A document gets a review if one of these stages failed. */
  unprocessableStages: z.array(Stage),
  /** The type and priority of a review by its cause. */
  reviews: z.record(AutomaticReviewCause, ReviewSettings),
  /** By priority, the hours in which a review is due. */
  reviewHours: z.record(ReviewPriority, z.number().min(1).max(8760)),
});
export type RuleSet = z.infer<typeof RuleSet>;
