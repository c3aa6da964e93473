import {
  BlobReference,
  CaseResult,
  DocumentType,
  Environment,
  Feature,
  MediaType,
  Stage,
  StageFailure,
} from '@casewire/contracts';
import { z } from 'zod';

const at = z.iso.datetime();

export const StoredDocument = BlobReference.extend({
  mediaType: MediaType,
  pages: z.int().positive(),
});
export type StoredDocument = z.infer<typeof StoredDocument>;

const run = { runId: z.uuid(), uploadId: z.uuid(), stage: Stage };

/** What can become true of a case. None of it is personal data: that is in case_private, and in blobs. */
export const CaseFact = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('CaseSubmitted'),
    organizationId: z.uuid(),
    environment: Environment,
    submittedAt: at,
    uploadIds: z.array(z.uuid()),
    stages: z.array(Stage),
  }),
  z.object({
    type: z.literal('UploadReceived'),
    uploadId: z.uuid(),
    document: StoredDocument,
    classify: z.boolean(),
    features: z.array(Feature),
    targetLanguage: z.string(),
    receivedAt: at,
  }),
  z.object({
    type: z.literal('StageRequested'),
    ...run,
    run: z.int().positive(),
    documentType: DocumentType.nullable(),
    requestedAt: at,
    deadline: at,
  }),
  z.object({
    type: z.literal('StageCompleted'),
    ...run,
    result: BlobReference,
    documentType: DocumentType.nullable(),
    finishedAt: at,
  }),
  z.object({ type: z.literal('StageFailed'), ...run, failure: StageFailure, finishedAt: at }),
  /** An outcome for a run that was over already. Kept for the record; it changes nothing and raises nothing. */
  z.object({
    type: z.literal('LateOutcomeReceived'),
    ...run,
    status: z.enum(['completed', 'failed']),
    result: BlobReference.nullable(),
    finishedAt: at,
  }),
  /** Every requested stage of every upload is over. `again`: uploads came after it had been completed once. */
  z.object({
    type: z.literal('CaseCompleted'),
    result: CaseResult,
    again: z.boolean(),
    completedAt: at,
  }),
  z.object({ type: z.literal('CaseDeleted'), deletedAt: at }),
]);
export type CaseFact = z.infer<typeof CaseFact>;

export type FactOf<T extends CaseFact['type']> = Extract<CaseFact, { type: T }>;
