import { z } from 'zod';

import { CaseResult } from './case-event.ts';
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

/** The fields beside the files of POST /partner/v1/cases. */
export const SubmitCase = z.strictObject({
  externalId: ExternalId.optional(),
  /** All by default; for a file that is not classified, those that do not need its type (see `needsClassification`). */
  features: z.array(Feature).optional(),
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
  targetLanguage: z.literal('en').default('en'),
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
} as const;

export const CaseStatus = z.enum(['processing', 'in_review', 'completed', 'canceled', 'deleted']);
export type CaseStatus = z.infer<typeof CaseStatus>;

export const RunStatus = z.enum([
  'pending',
  'processing',
  'in_review',
  'completed',
  'failed',
  'canceled',
]);
export type RunStatus = z.infer<typeof RunStatus>;

export const StageView = z.object({
  stage: Stage,
  status: RunStatus,
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
  receivedAt: z.iso.datetime(),
  stages: z.array(StageView),
});
export type UploadView = z.infer<typeof UploadView>;

export const CaseView = z.object({
  id: z.uuid(),
  externalId: z.string().nullable(),
  reference: z.string().nullable(),
  correlationId: z.string().nullable(),
  environment: Environment,
  status: CaseStatus,
  result: CaseResult.nullable(),
  metadata: Metadata,
  submittedAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
  uploads: z.array(UploadView),
});
export type CaseView = z.infer<typeof CaseView>;

/** A case in a list, without its uploads. */
export const CaseSummary = CaseView.omit({ uploads: true });
export type CaseSummary = z.infer<typeof CaseSummary>;

/** A stage's results for a case: one entry per upload for which the stage was requested. */
export const StageResults = z.object({
  caseId: z.uuid(),
  stage: Stage,
  uploads: z.array(
    z.object({
      uploadId: z.uuid(),
      status: RunStatus,
      finishedAt: z.iso.datetime().nullable(),
      failure: StageFailure.nullable(),
      /** The stage's result by its own schema; null until the stage completed. */
      result: z.json().nullable(),
    }),
  ),
});
export type StageResults = z.infer<typeof StageResults>;

/** A page of a list. `next` is the cursor of the next page, null on the last. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

export const PageQuery = z.strictObject({
  limit: wholeNumber(1, 100).default(20),
  cursor: z.string().max(512).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** The query of a list without pages. */
export const NoQuery = z.strictObject({});
export type NoQuery = z.infer<typeof NoQuery>;
