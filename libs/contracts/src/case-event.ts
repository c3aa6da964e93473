import { z } from 'zod';

import { MediaType, Stage } from './stage.ts';

/** What every event of a case tells. externalId is as submitted, null if none was given. */
const about = {
  caseId: z.uuid(),
  externalId: z.string().nullable(),
  occurredAt: z.iso.datetime(),
};

export const CaseResult = z.enum(['succeeded', 'partially_failed', 'failed']);
export type CaseResult = z.infer<typeof CaseResult>;

export const StageFinishedData = z.object({ ...about, uploadId: z.uuid() });
export type StageFinishedData = z.infer<typeof StageFinishedData>;

export const CaseSubmittedData = z.object({
  ...about,
  uploadIds: z.array(z.uuid()).min(1),
  stages: z.array(Stage),
});
export const UploadReceivedData = z.object({
  ...about,
  uploadId: z.uuid(),
  mediaType: MediaType,
  pages: z.int().positive(),
  size: z.int().positive(),
});
export const CaseCompletedData = z.object({ ...about, result: CaseResult });
/** Internal: delivery cancels what is open for the case and scrubs what it stored. */
export const CaseErasedData = z.object({ caseId: z.uuid(), occurredAt: z.iso.datetime() });

const stageEvents = Stage.options.flatMap((stage) => [
  { name: `case.${stage}.completed`, data: StageFinishedData },
  { name: `case.${stage}.failed`, data: StageFinishedData },
]);

/** Casewire's own events: name -> schema of the data, at version 1. */
export const casewireEvents: ReadonlyMap<string, z.ZodObject> = new Map<string, z.ZodObject>([
  ...stageEvents.map(({ name, data }) => [name, data] as const),
  ['case.submitted', CaseSubmittedData],
  ['upload.received', UploadReceivedData],
  ['case.completed', CaseCompletedData],
  ['case.erased', CaseErasedData],
]);

/** The name of the event that a finished stage raises. */
export const stageEventName = (stage: Stage, status: 'completed' | 'failed'): string =>
  `case.${stage}.${status}`;
