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
export const CaseCompletedData = z.object({ ...aboutCase, result: CaseResult });
/** Internal: delivery cancels what is open for the case and scrubs what it stored. */
export const CaseErasedData = z.object({ caseId: z.uuid(), occurredAt: z.iso.datetime() });

/** The name of the event that a finished stage causes. */
export const stageEventName = (stage: Stage, status: 'completed' | 'failed'): string =>
  `case.${stage}.${status}`;
