import { type StageFailure, type StageResult } from '@casewire/contracts';
import { inTransaction } from '@casewire/service';
import { crashPoint, type Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import { execute } from '../case/case-repository.ts';
import type { CaseCommand } from '../case/case.ts';
import { oweBlobsOf } from '../erasure/erasure.service.ts';
import type { Wakeable } from '../submission/submission.service.ts';

export class ProgressService {
  constructor(
    private readonly pool: Pool,
    private readonly relay: Wakeable,
    private readonly patienceMs: number,
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  /** Takes in what came of a run; a repeated one changes nothing that a subscriber could see. */
  async record(outcome: StageResult): Promise<void> {
    const { now, patienceMs } = this;
    const facts = await this.run(outcome.caseId, {
      type: 'RecordOutcome',
      outcome,
      now: now(),
      patienceMs,
    });
    const { runId, stage, status, caseId } = outcome;
    this.logger.info({
      event: 'stage.recorded',
      caseId,
      runId,
      stage,
      status,
      facts: facts.map(({ type }) => type),
    });
  }

  /** Fails a run that will not answer any more. */
  async giveUp(caseId: string, runId: string, failure: StageFailure): Promise<void> {
    const { now, patienceMs } = this;
    const facts = await this.run(caseId, {
      type: 'GiveUpRun',
      runId,
      failure,
      now: now(),
      patienceMs,
    });
    if (facts.length > 0)
      this.logger.warn({ event: 'stage.given-up', caseId, runId, code: failure.code });
  }

  private async run(caseId: string, command: CaseCommand) {
    const facts = await inTransaction(this.pool, async (client) => {
      const decided = await execute(client, caseId, command);
      // A stage that was at work while its case was deleted has left blobs again.
      if (decided.some(({ type }) => type === 'LateOutcomeReceived')) {
        const { rowCount } = await client.query(
          `select from case_view where id = $1 and status = 'deleted'`,
          [caseId],
        );
        if (rowCount === 1) await oweBlobsOf(client, caseId);
      }
      return decided;
    });
    crashPoint('cases.outcome-recorded');
    this.relay.wake();
    return facts;
  }
}
