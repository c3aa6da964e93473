import type { Stage } from '@casewire/contracts';

import type { SubmitUploads } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
import { requestedStages, type CaseState } from './case-state.ts';
import { Decision, stageRequested } from './decision.ts';
import { openSteeredReviews, completeIfFinished } from './reactions.ts';
import { checkOpen } from './refusals.ts';

/** Accepts uploads, for a new case or for one that exists, and requests their first stages. */
export function submit(command: SubmitUploads, state: CaseState): CaseDomainEvent[] {
  if (state.phase !== 'new') checkOpen(state);
  const at = command.now.toISOString();
  const decision = new Decision(state);
  if (state.phase === 'new') {
    decision.add({
      type: 'CaseSubmitted',
      organizationId: command.organizationId,
      environment: command.environment,
      submittedAt: at,
      uploadIds: command.uploads.map(({ uploadId }) => uploadId),
      stages: [...new Set(command.uploads.flatMap(requestedStages))],
    });
  }
  for (const upload of command.uploads)
    decision.add({ type: 'UploadReceived', ...upload, receivedAt: at });
  for (const { uploadId } of command.uploads) {
    const upload = decision.state.uploads.get(uploadId)!;
    const first: Stage[] = upload.classify ? ['classification'] : [...upload.features];
    decision.add(...first.map((stage) => stageRequested(upload, { stage, run: 1 }, command)));
  }
  openSteeredReviews(decision, command);
  completeIfFinished(decision, command);
  return decision.events;
}
