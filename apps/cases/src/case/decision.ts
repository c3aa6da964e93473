import { uuidV5, type Stage } from '@casewire/contracts';

import type { CaseDomainEvent, DomainEventOf } from './case-domain-event.ts';
import type { CaseState, Upload } from './case-state.ts';
import { evolve } from './evolve.ts';

/** The id of a stage's run for an upload: the same arguments always give the same id. */
export const runIdOf = (uploadId: string, stage: Stage, run: number): string =>
  uuidV5('run', uploadId, stage, `${run}`);

/** A decision while it is made: the domain events so far, and the state after them. */
export class Decision {
  readonly events: CaseDomainEvent[] = [];

  constructor(public state: CaseState) {}

  add(...events: CaseDomainEvent[]): this {
    for (const event of events) {
      this.events.push(event);
      this.state = evolve(this.state, event);
    }
    return this;
  }
}

/** The request to run a stage for an upload. */
export const stageRequested = (
  upload: Pick<Upload, 'id' | 'documentType'>,
  { stage, run }: { stage: Stage; run: number },
  { now, settings }: { now: Date; settings: { stageTimeoutMs: number } },
): DomainEventOf<'StageRequested'> => ({
  type: 'StageRequested',
  runId: runIdOf(upload.id, stage, run),
  run,
  uploadId: upload.id,
  stage,
  documentType: upload.documentType,
  requestedAt: now.toISOString(),
  deadline: new Date(now.getTime() + settings.stageTimeoutMs).toISOString(),
});
