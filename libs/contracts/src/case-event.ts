import { z } from 'zod';

import { MediaType, Stage } from './stage.ts';

/** The data that every event of a case has. externalId and reference are as submitted; null if there is none. */
export const aboutCase = {
  caseId: z.uuid(),
  externalId: z.string().nullable(),
  /** The submitter's own reference of the case, returned in every callback (TI-20). */
  reference: z.string().nullable().optional(),
  occurredAt: z.iso.datetime(),
};

export const CaseResult = z.enum(['succeeded', 'partially_failed', 'failed']);
export type CaseResult = z.infer<typeof CaseResult>;

export const StageFinishedData = z.object({ ...aboutCase, uploadId: z.uuid() });
export type StageFinishedData = z.infer<typeof StageFinishedData>;

export const CaseSubmittedData = z.object({
  ...aboutCase,
  uploadIds: z.array(z.uuid()).min(1),
  stages: z.array(Stage),
});
export const UploadReceivedData = z.object({
  ...aboutCase,
  uploadId: z.uuid(),
  mediaType: MediaType,
  pages: z.int().positive(),
  size: z.int().positive(),
});
/** The decision of the last review of a case. */
export const CaseDecision = z.enum(['approved', 'rejected']);
export type CaseDecision = z.infer<typeof CaseDecision>;

export const CaseCompletedData = z.object({ ...aboutCase, result: CaseResult });
export const CaseCanceledData = z.object(aboutCase);

const aboutRefresh = {
  ...aboutCase,
  refreshId: z.uuid(),
  /** The stages that ran again, and the uploads for which they did. */
  stages: z.array(Stage).min(1),
  uploadIds: z.array(z.uuid()).min(1),
};
/** All runs of a refresh completed: their results replace the results before. */
export const CaseRefreshCompletedData = z.object({ ...aboutRefresh, result: CaseResult });
/** The run that failed a refresh, with the code of its failure. */
export const RefreshFailure = z.object({ uploadId: z.uuid(), stage: Stage, code: z.string() });
export type RefreshFailure = z.infer<typeof RefreshFailure>;

/** A run of a refresh failed: the results before stay. */
export const CaseRefreshFailedData = z.object({ ...aboutRefresh, failure: RefreshFailure });

/** Internal: a command on `cases.commands` was refused. */
export const CaseCommandRefusedData = z.object({
  caseId: z.uuid(),
  commandId: z.uuid(),
  command: z.enum(['CancelCase', 'RefreshCase', 'DeleteCase']),
  /** The code of the error that the API gives for the same request. */
  code: z.string(),
  detail: z.string(),
  occurredAt: z.iso.datetime(),
});
export type CaseCommandRefusedData = z.infer<typeof CaseCommandRefusedData>;

/** Internal: a case was submitted for a verification of an order. */
export const CaseLinkedData = z.object({
  caseId: z.uuid(),
  orderId: z.uuid(),
  verificationId: z.uuid(),
  /** The stages that run for the case. */
  stages: z.array(Stage),
  occurredAt: z.iso.datetime(),
});
export type CaseLinkedData = z.infer<typeof CaseLinkedData>;

/** Internal: delivery cancels what is open for the case and scrubs what it stored. */
export const CaseErasedData = z.object({ caseId: z.uuid(), occurredAt: z.iso.datetime() });

/** The name of the event that a finished stage causes. */
export const stageEventName = (stage: Stage, status: 'completed' | 'failed'): string =>
  `case.${stage}.${status}`;
