import { append, readStream, stateAfter } from '@casewire/event-sourcing';
import { currentTraceparent } from '@casewire/telemetry';
import type { PoolClient } from 'pg';

import type { CaseFact } from './case-fact.ts';
import { caseViewProjection } from './case-view.projection.ts';
import { caseDecider, type CaseCommand } from './case.ts';

/**
 * Decides on what is known of the case, and appends what follows with its read model, in the caller's transaction.
 * The case is held until that ends.
 * @returns the facts that came of the command
 */
export async function execute(
  client: PoolClient,
  caseId: string,
  command: CaseCommand,
): Promise<CaseFact[]> {
  const { version, events: facts } = await readStream<CaseFact>(client, caseId);
  const decided = caseDecider.decide(command, stateAfter(caseDecider, facts));
  const stored = await append(client, {
    streamId: caseId,
    expectedVersion: version,
    events: decided,
    traceparent: currentTraceparent(),
  });
  await caseViewProjection.apply(client, stored);
  return decided;
}
