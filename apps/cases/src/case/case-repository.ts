import { append, readStream, stateAfter } from '@casewire/event-sourcing';
import { currentTraceparent } from '@casewire/telemetry';
import type { PoolClient } from 'pg';

import type { CaseCommand } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
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
  const decided = caseDecider.decide(command, stateAfter(caseDecider, events));
  const stored = await append(client, {
    streamId: caseId,
    expectedVersion: version,
    events: decided,
    traceparent: currentTraceparent(),
  });
  await caseViewProjection.apply(client, stored);
  return decided;
}
