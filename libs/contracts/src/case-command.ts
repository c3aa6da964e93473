import { z } from 'zod';

import { Actor } from './actor.ts';
import { Environment, Stage } from './stage.ts';

const about = {
  /** Identifies the command: sent again, it changes nothing. A refresh has this id. */
  commandId: z.uuid(),
  caseId: z.uuid(),
  organizationId: z.uuid(),
  environment: Environment,
  requestedBy: Actor,
};

/** Which stages of which uploads to run again; null for all that were requested. */
export const RefreshSelection = z.object({
  stages: z.array(Stage).min(1).nullable().default(null),
  uploadIds: z.array(z.uuid()).min(1).nullable().default(null),
});
export type RefreshSelection = z.infer<typeof RefreshSelection>;

/** A command on the topic `cases.commands`, under the case's id as key. A refused command is answered by an event. */
export const CaseCommandMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('CancelCase'), ...about }),
  z.object({ type: z.literal('RefreshCase'), ...about, ...RefreshSelection.shape }),
  z.object({ type: z.literal('DeleteCase'), ...about }),
]);
export type CaseCommandMessage = z.infer<typeof CaseCommandMessage>;
