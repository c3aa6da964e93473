import { z } from 'zod';

import { DocumentType } from './document-type.ts';

export const Stage = z.enum(['classification', 'extraction', 'forensics', 'translation']);
export type Stage = z.infer<typeof Stage>;

/** The features that a partner may request for a case; classification is requested for each upload (`classify`). */
export const Feature = z.enum(['extraction', 'forensics', 'translation']);
export type Feature = z.infer<typeof Feature>;

export const Environment = z.enum(['sandbox', 'production']);
export type Environment = z.infer<typeof Environment>;

/** Media types that are accepted as documents. */
export const MediaType = z.enum(['application/pdf', 'image/png', 'image/jpeg', 'image/webp']);
export type MediaType = z.infer<typeof MediaType>;

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A blob, by its key in the blob store and the hash of its content. */
export const BlobReference = z.object({
  key: z.string().min(1),
  sha256: Sha256,
  size: z.int().nonnegative(),
});
export type BlobReference = z.infer<typeof BlobReference>;

/** A request to a stage to process one upload. It contains no personal data: no file name, no external id. */
export const StageRequest = z.object({
  type: z.literal('StageRequested'),
  runId: z.uuid(),
  run: z.int().positive(),
  stage: Stage,
  organizationId: z.uuid(),
  environment: Environment,
  caseId: z.uuid(),
  uploadId: z.uuid(),
  document: BlobReference.extend({ mediaType: MediaType, pages: z.int().positive() }),
  /** By classification; null where the upload was not classified or classification failed. */
  documentType: DocumentType.nullable(),
  /** ISO 639-1; the language that translation translates to. */
  targetLanguage: z.string().length(2),
  /** In the sandbox only: the run fails because the file name says so. */
  simulate: z.object({ fails: z.boolean() }).optional(),
  requestedAt: z.iso.datetime(),
  /** After this time the result is no longer awaited. */
  deadline: z.iso.datetime(),
});
export type StageRequest = z.infer<typeof StageRequest>;

/** Why a stage failed: a stable code, and a sentence that is safe to show to the partner. */
export const StageFailure = z.object({ code: z.string().min(1), detail: z.string() });
export type StageFailure = z.infer<typeof StageFailure>;

const probability = z.number().min(0).max(1);

/** What a verdict on a document needs to know about a stage's result. No personal data: names of fields, never values. */
export const StageFacts = z.discriminatedUnion('stage', [
  z.object({ stage: z.literal('classification'), confidence: probability }),
  z.object({
    stage: z.literal('extraction'),
    /** The names of the fields that were found. */
    fields: z.array(z.string()),
    /** The mean confidence of the recognized words; null if the document has its text without OCR. */
    ocrConfidence: probability.nullable(),
  }),
  z.object({
    stage: z.literal('forensics'),
    verdict: z.enum(['pass', 'review', 'fail']),
    findings: z.array(
      z.object({
        code: z.string(),
        severity: z.enum(['info', 'low', 'medium', 'high']),
        confidence: probability,
      }),
    ),
    /** The codes of the checks that ran and found nothing. */
    passedChecks: z.array(z.string()),
  }),
]);
export type StageFacts = z.infer<typeof StageFacts>;

const runFields = {
  type: z.literal('StageFinished'),
  runId: z.uuid(),
  stage: Stage,
  organizationId: z.uuid(),
  caseId: z.uuid(),
  uploadId: z.uuid(),
  finishedAt: z.iso.datetime(),
  /** How often the run was started, 1 to 3. */
  starts: z.int().positive(),
};

/** The result of a run: one for each run, however often its request is delivered. */
export const StageResult = z.discriminatedUnion('status', [
  z.object({
    ...runFields,
    status: z.literal('completed'),
    result: BlobReference,
    /** Set by classification only. */
    documentType: DocumentType.nullable(),
    /** Absent for translation. */
    facts: StageFacts.optional(),
  }),
  z.object({ ...runFields, status: z.literal('failed'), failure: StageFailure }),
]);
export type StageResult = z.infer<typeof StageResult>;
