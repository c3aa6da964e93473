import { append, readStream, stateAfter, withdrawPublication } from '@casewire/event-sourcing';
import { currentTraceparent } from '@casewire/telemetry';
import type { PoolClient } from 'pg';

import type { CaseCommand } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
import type { CaseState } from './case-state.ts';
import { caseViewProjection } from './case-view.projection.ts';
import { caseDecider } from './case.ts';

/**
 * Executes a command on a case: loads its state, decides, appends the domain events and updates the read model, all in the
 * caller's transaction. The case stays locked until that transaction ends.
 * @returns the domain events that the command produced
 * @throws what the decision throws
 */
export async function execute(
  client: PoolClient,
  caseId: string,
  command: CaseCommand,
): Promise<CaseDomainEvent[]> {
  const { version, events } = await readStream<CaseDomainEvent>(client, caseId);
  const state = stateAfter(caseDecider, events);
  const decided = caseDecider.decide(command, state);
  const { uploads } = stateAfter({ ...caseDecider, initialState: () => state }, decided);
  const stored = await append(client, {
    streamId: caseId,
    expectedVersion: version,
    events: decided,
    publishAfter: (event) => requestedLater(event, uploads),
    traceparent: currentTraceparent(),
  });
  await caseViewProjection.apply(client, stored);
  // Nobody waits for the stages of a case that has ended.
  if (decided.some(({ type }) => type === 'CaseCanceled' || type === 'CaseDeleted'))
    await withdrawPublication(client, caseId);
  return decided;
}

/** In the sandbox a file name can ask for a slow stage: its request is published later. */
function requestedLater(event: CaseDomainEvent, uploads: CaseState['uploads']): Date | null {
  if (event.type !== 'StageRequested') return null;
  const seconds = uploads.get(event.uploadId)?.steering?.delaySeconds ?? 0;
  return seconds === 0 ? null : new Date(Date.parse(event.requestedAt) + seconds * 1000);
}
