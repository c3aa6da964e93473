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

/**
 * What the case aggregate appends to its event store. No personal data: that is only in the table `case_private` and in
 * blobs. Not to be confused with the events for subscribers, which `outbox/` derives from these.
 */
export const CaseDomainEvent = z.discriminatedUnion('type', [
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
  /** A result for a run that had finished already. It is recorded, changes nothing and publishes nothing. */
  z.object({
    type: z.literal('LateResultReceived'),
    ...run,
    status: z.enum(['completed', 'failed']),
    result: BlobReference.nullable(),
    finishedAt: at,
  }),
  /** Every requested stage of every upload has finished. `again`: the case was completed before, then received uploads. */
  z.object({
    type: z.literal('CaseCompleted'),
    result: CaseResult,
    again: z.boolean(),
    completedAt: at,
  }),
  z.object({ type: z.literal('CaseDeleted'), deletedAt: at }),
]);
export type CaseDomainEvent = z.infer<typeof CaseDomainEvent>;

export type DomainEventOf<T extends CaseDomainEvent['type']> = Extract<
  CaseDomainEvent,
  { type: T }
>;
