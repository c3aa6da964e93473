import { z } from 'zod';

import { Actor } from './actor.ts';
import { Assessment } from './assessment.ts';
import { RefreshSelection } from './case-command.ts';
import { CaseDecision, CaseResult, RefreshFailure } from './case-event.ts';
import { DocumentType } from './document-type.ts';
import { Environment, Feature, MediaType, Stage, StageFailure } from './stage.ts';
import { wholeNumber } from './whole-number.ts';

/** Text that the database cannot store is rejected before the schema is applied: see `isStorableText`. */
const text = (max: number) => z.string().min(1).max(max);

export const ExternalId = text(128);

/** The same rule as for the header `x-correlation-id`, which is the other way to send it. */
export const CorrelationId = z
  .string()
  .regex(/^[\x21-\x7e]{1,256}$/, 'must be 1 to 256 visible ASCII characters');

/** Limit of metadata entries of a case, over all its submissions. */
export const maxMetadata = 50;

export const Metadata = z
  .record(text(64), z.union([z.string().max(1024), z.number(), z.boolean()]))
  .refine(
    (value) => Object.keys(value).length <= maxMetadata,
    `must not have more than ${maxMetadata} entries`,
  );

/** ISO 639-1. A document that is in this language already completes unchanged. */
export const TargetLanguage = z.enum(['en', 'es']);
export type TargetLanguage = z.infer<typeof TargetLanguage>;

/** The fields beside the files of POST /partner/v1/cases. */
export const SubmitCase = z.strictObject({
  externalId: ExternalId.optional(),
  /**
   * For all files, or one array per file in their order. All by default; for a file that is not classified, those that do not
   * need its type (see `needsClassification`).
   */
  features: z.union([z.array(Feature), z.array(z.array(Feature))]).optional(),
  /** One value for all files, or one per file in their order. */
  classify: z.union([z.boolean(), z.array(z.boolean())]).default(true),
  metadata: Metadata.default({}),
  /** The submitter's own reference, returned in every callback. */
  reference: text(256).optional(),
  /** An id with which the submitter correlates requests: part of every event, log line and delivery of the case. */
  correlationId: CorrelationId.optional(),
  /** Callback URL of this case, called exactly as given, instead of the organization's callback URL. */
  callbackUrl: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  /** The language that translation translates to. */
  targetLanguage: TargetLanguage.default('en'),
  /** The verification of an order for which the case is submitted. A case stays with its verification. */
  verificationId: z.uuid('must be a UUID').optional(),
});
export type SubmitCase = z.infer<typeof SubmitCase>;

/** Features that need the type of a document: they are rejected for a file that is not classified. */
export const needsClassification: readonly Feature[] = ['forensics'];

/** Limits of a submission. */
export const submissionLimits = {
  files: 20,
  fileBytes: 30 * 1024 * 1024,
  totalBytes: 40 * 1024 * 1024,
  pages: 130,
  megapixels: 50,
  /** Entries of a ZIP archive, folders and ignored files included. */
  archiveEntries: 200,
} as const;

export const CaseStatus = z.enum([
  'processing',
  'in_review',
  'action_required',
  'completed',
  'canceled',
  'deleted',
]);
export type CaseStatus = z.infer<typeof CaseStatus>;

export const RunStatus = z.enum(['pending', 'processing', 'completed', 'failed', 'canceled']);
export type RunStatus = z.infer<typeof RunStatus>;

export const StageView = z.object({
  stage: Stage,
  status: RunStatus,
  /** The number of the run whose result this is; 1 until a refresh replaced it. */
  run: z.int().positive(),
  finishedAt: z.iso.datetime().nullable(),
  failure: StageFailure.nullable(),
});
export type StageView = z.infer<typeof StageView>;

export const UploadView = z.object({
  id: z.uuid(),
  fileName: z.string(),
  mediaType: MediaType,
  size: z.int(),
  pages: z.int(),
  classify: z.boolean(),
  features: z.array(Feature),
  targetLanguage: z.string(),
  /** The name of the ZIP archive that the document came in; null if it came by itself. */
  archive: z.string().nullable(),
  receivedAt: z.iso.datetime(),
  /** By classification; null until it completed. */
  documentType: DocumentType.nullable(),
  /** The verdict; null until extraction and forensics have ended, or if one of them was not requested. */
  assessment: Assessment.extend({ assessedAt: z.iso.datetime() }).nullable(),
  /** The latest version of the extraction; null until there is one. */
  extractionVersion: z.int().positive().nullable(),
  stages: z.array(StageView),
});
export type UploadView = z.infer<typeof UploadView>;

/** A file of a ZIP archive that was not processed. */
export const IgnoredFile = z.object({
  archive: z.string(),
  /** Its path in the archive. */
  path: z.string(),
  reason: z.enum(['not_a_document', 'empty', 'archive', 'encrypted']),
});
export type IgnoredFile = z.infer<typeof IgnoredFile>;

/** Stages that run again: all of their results replace the results before, or none does. */
export const RefreshView = z.object({
  id: z.uuid(),
  status: z.enum(['processing', 'completed', 'failed']),
  stages: z.array(Stage),
  uploadIds: z.array(z.uuid()),
  requestedBy: Actor,
  requestedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  failure: RefreshFailure.nullable(),
});
export type RefreshView = z.infer<typeof RefreshView>;

/** Which stages of which uploads to run again; by default all. */
export const RefreshCase = z.strictObject(RefreshSelection.shape);
export type RefreshCase = RefreshSelection;

export const CaseView = z.object({
  id: z.uuid(),
  externalId: z.string().nullable(),
  reference: z.string().nullable(),
  correlationId: z.string().nullable(),
  /** The verification of an order for which the case was submitted; null without one. */
  verificationId: z.uuid().nullable(),
  environment: Environment,
  status: CaseStatus,
  result: CaseResult.nullable(),
  /** The decision of the last review; null without one. */
  decision: CaseDecision.nullable(),
  /** The open review; null without one. */
  openReviewId: z.uuid().nullable(),
  /** The version of the case's own data: 1 as submitted, one more for each revision. */
  revision: z.int().positive(),
  metadata: Metadata,
  submittedAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
  /** The latest refresh; null without one. */
  refresh: RefreshView.nullable(),
  /** Files of ZIP archives that were not processed. */
  ignoredFiles: z.array(IgnoredFile),
  uploads: z.array(UploadView),
});
export type CaseView = z.infer<typeof CaseView>;

/** A case in a list, without its uploads. */
export const CaseSummary = CaseView.omit({ uploads: true, refresh: true, ignoredFiles: true });
export type CaseSummary = z.infer<typeof CaseSummary>;

export const UploadResult = z.object({
  uploadId: z.uuid(),
  status: RunStatus,
  /** The number of the run whose result this is; 1 until a refresh replaced it. */
  run: z.int().positive(),
  finishedAt: z.iso.datetime().nullable(),
  failure: StageFailure.nullable(),
  /** The version of an extraction; null for other stages, and until the stage completed. */
  version: z.int().positive().nullable(),
  /** The stage's result by its own schema; null until the stage completed. */
  result: z.json().nullable(),
});
export type UploadResult = z.infer<typeof UploadResult>;

/** A stage's results for a case: one entry per upload for which the stage was requested. */
export const StageResults = z.object({
  caseId: z.uuid(),
  stage: Stage,
  uploads: z.array(UploadResult),
});
export type StageResults = z.infer<typeof StageResults>;

/** The results of all stages of a case. */
export const CaseResults = z.object({
  caseId: z.uuid(),
  status: CaseStatus,
  result: CaseResult.nullable(),
  decision: CaseDecision.nullable(),
  uploads: z.array(
    z.object({
      uploadId: z.uuid(),
      documentType: DocumentType.nullable(),
      assessment: UploadView.shape.assessment,
      stages: z.partialRecord(Stage, UploadResult.omit({ uploadId: true })),
    }),
  ),
});
export type CaseResults = z.infer<typeof CaseResults>;

/** The version of the extraction; the latest by default. */
export const ExtractionQuery = z.strictObject({ version: wholeNumber(1, 1_000_000).optional() });
export type ExtractionQuery = z.infer<typeof ExtractionQuery>;

/** A page of a list. `next` is the cursor of the next page, null on the last. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

export const PageQuery = z.strictObject({
  limit: wholeNumber(1, 100).default(20),
  cursor: z.string().max(512).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** Selects cases; a parameter that is missing is ignored. */
export const CasesQuery = PageQuery.extend({
  status: CaseStatus.exclude(['deleted']).optional(),
  result: CaseResult.optional(),
  externalId: ExternalId.optional(),
  reference: text(256).optional(),
  /** Submitted for this verification of an order. */
  verificationId: z.uuid('must be a UUID').optional(),
  /** Submitted at this time or later. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Submitted before this time. */
  to: z.iso.datetime({ offset: true }).optional(),
});
export type CasesQuery = z.infer<typeof CasesQuery>;

/** The query of a list without pages. */
export const NoQuery = z.strictObject({});
export type NoQuery = z.infer<typeof NoQuery>;
