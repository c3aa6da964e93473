import {
  Actor,
  Assessment,
  BlobReference,
  CaseResult,
  DocumentType,
  Environment,
  Feature,
  MediaType,
  RefreshFailure,
  ReviewCause,
  ReviewPriority,
  ReviewResolution,
  ReviewType,
  Steering,
  Stage,
  StageFacts,
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
const completedRun = {
  ...run,
  result: BlobReference,
  documentType: DocumentType.nullable(),
  facts: StageFacts.optional(),
  finishedAt: at,
};
const failedRun = { ...run, failure: StageFailure, finishedAt: at };
const refresh = {
  refreshId: z.uuid(),
  stages: z.array(Stage),
  uploadIds: z.array(z.uuid()),
};

const submission = [
  z.object({
    type: z.literal('CaseSubmitted'),
    organizationId: z.uuid(),
    environment: Environment,
    submittedAt: at,
    uploadIds: z.array(z.uuid()),
    stages: z.array(Stage),
  }),
  /** The case was submitted for a verification of an order. */
  z.object({
    type: z.literal('CaseLinked'),
    orderId: z.uuid(),
    verificationId: z.uuid(),
    stages: z.array(Stage),
    linkedAt: at,
  }),
  z.object({
    type: z.literal('UploadReceived'),
    uploadId: z.uuid(),
    document: StoredDocument,
    classify: z.boolean(),
    features: z.array(Feature),
    targetLanguage: z.string(),
    /** By the file name, in the sandbox only. */
    simulate: Steering.optional(),
    receivedAt: at,
  }),
] as const;

const progress = [
  /** The first run of a stage for an upload, or a run of a refresh. */
  z.object({
    type: z.literal('StageRequested'),
    ...run,
    run: z.int().positive(),
    documentType: DocumentType.nullable(),
    requestedAt: at,
    deadline: at,
  }),
  z.object({ type: z.literal('StageCompleted'), ...completedRun }),
  z.object({ type: z.literal('StageFailed'), ...failedRun }),
  /** A result for a run that had finished already. It is recorded, changes nothing and publishes nothing. */
  z.object({
    type: z.literal('LateResultReceived'),
    ...run,
    status: z.enum(['completed', 'failed']),
    result: BlobReference.nullable(),
    finishedAt: at,
  }),
  z.object({
    type: z.literal('DocumentAssessed'),
    uploadId: z.uuid(),
    documentType: DocumentType,
    assessment: Assessment,
    assessedAt: at,
  }),
  /**
   * Every requested stage of every upload has finished, and no review is open. `again`: the case was completed before, then
   * received uploads.
   */
  z.object({
    type: z.literal('CaseCompleted'),
    result: CaseResult,
    decision: z.enum(['approved', 'rejected']).nullable().optional(),
    again: z.boolean(),
    completedAt: at,
  }),
] as const;

const reviews = [
  z.object({
    type: z.literal('ReviewOpened'),
    reviewId: z.uuid(),
    uploadId: z.uuid().nullable(),
    reviewType: ReviewType,
    priority: ReviewPriority,
    cause: ReviewCause,
    /** Codes, for a review that was opened automatically; the words of a person are private data. */
    reasons: z.array(z.string()),
    openedBy: Actor.nullable(),
    openedAt: at,
    dueAt: at,
  }),
  z.object({
    type: z.literal('ReviewAssigned'),
    reviewId: z.uuid(),
    assigneeId: z.uuid(),
    assignedBy: Actor,
    assignedAt: at,
  }),
  z.object({
    type: z.literal('ReviewResolved'),
    reviewId: z.uuid(),
    resolution: ReviewResolution,
    resolvedBy: Actor,
    resolvedAt: at,
  }),
  /** The case was canceled while the review was open. */
  z.object({ type: z.literal('ReviewCanceled'), reviewId: z.uuid(), canceledAt: at }),
  z.object({ type: z.literal('ActionRequired'), reviewId: z.uuid(), requiredAt: at }),
  /** Somebody decided that no further documents are needed. */
  z.object({ type: z.literal('ActionClosed'), closedBy: Actor, closedAt: at }),
] as const;

const revisions = [
  z.object({
    type: z.literal('DocumentRevised'),
    uploadId: z.uuid(),
    /** Of the document's extraction. */
    version: z.int().positive(),
    /** The names of the corrected fields; their values are private data. */
    fields: z.array(z.string()),
    revisedBy: Actor,
    /** The case was completed before: subscribers have the result already. */
    afterResult: z.boolean(),
    revisedAt: at,
  }),
  z.object({
    type: z.literal('CaseRevised'),
    revision: z.int().positive(),
    fields: z.array(z.string()),
    revisedBy: Actor,
    afterResult: z.boolean(),
    revisedAt: at,
  }),
] as const;

const refreshes = [
  z.object({
    type: z.literal('RefreshRequested'),
    ...refresh,
    runs: z.array(z.object({ ...run, run: z.int().positive() })),
    requestedBy: Actor,
    requestedAt: at,
  }),
  z.object({ type: z.literal('RefreshRunCompleted'), ...completedRun }),
  z.object({ type: z.literal('RefreshRunFailed'), ...failedRun }),
  /** The results of all runs replace the results before. */
  z.object({
    type: z.literal('RefreshCompleted'),
    ...refresh,
    result: CaseResult,
    completedAt: at,
  }),
  /** The results before stay. */
  z.object({
    type: z.literal('RefreshFailed'),
    ...refresh,
    failure: RefreshFailure,
    failedAt: at,
  }),
] as const;

/**
 * What the case aggregate appends to its event store. No personal data: that is only in the tables with `private` in their name,
 * and in blobs. Not to be confused with the events for subscribers, which `outbox/` derives from these.
 */
export const CaseDomainEvent = z.discriminatedUnion('type', [
  ...submission,
  ...progress,
  ...reviews,
  ...revisions,
  ...refreshes,
  z.object({ type: z.literal('CaseCanceled'), canceledBy: Actor, canceledAt: at }),
  /** In the sandbox: the deadlines of runs and reviews move nearer. */
  z.object({ type: z.literal('TimeAdvanced'), seconds: z.int().positive(), advancedAt: at }),
  z.object({ type: z.literal('CaseDeleted'), deletedBy: Actor.optional(), deletedAt: at }),
]);
export type CaseDomainEvent = z.infer<typeof CaseDomainEvent>;

export type DomainEventOf<T extends CaseDomainEvent['type']> = Extract<
  CaseDomainEvent,
  { type: T }
>;
