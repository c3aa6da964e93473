import type { Stage } from '@casewire/contracts';

import type { SubmitUploads } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
import { requestedStages, type CaseState } from './case-state.ts';
import { Decision, stageRequested } from './decision.ts';
import { openSteeredReviews, completeIfFinished } from './reactions.ts';
import { checkOpen, CommandRefused } from './refusals.ts';

/** Accepts uploads, for a new case or for one that exists, and requests their first stages. */
export function submit(command: SubmitUploads, state: CaseState): CaseDomainEvent[] {
  if (state.phase !== 'new') checkAccepts(command, state);
  const at = command.now.toISOString();
  const decision = new Decision(state);
  if (state.phase === 'new') openCase(decision, command, at);
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

/** @throws CommandRefused for a case that has ended, or that was not submitted for this verification */
function checkAccepts({ verification }: SubmitUploads, state: CaseState): void {
  checkOpen(state);
  if (verification === null || verification.id === state.verificationId) return;
  const reason = 'the case was not submitted for this verification';
  throw new CommandRefused('CASE_OF_ANOTHER_VERIFICATION', reason, state);
}

function openCase(decision: Decision, command: SubmitUploads, at: string): void {
  const { organizationId, environment, uploads, verification } = command;
  const stages = [...new Set(uploads.flatMap(requestedStages))];
  decision.add({
    type: 'CaseSubmitted',
    organizationId,
    environment,
    submittedAt: at,
    uploadIds: uploads.map(({ uploadId }) => uploadId),
    stages,
  });
  if (verification === null) return;
  const { id: verificationId, orderId } = verification;
  decision.add({ type: 'CaseLinked', orderId, verificationId, stages, linkedAt: at });
}
