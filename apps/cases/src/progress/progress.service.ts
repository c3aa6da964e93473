import { type StageFailure, type StageResult } from '@casewire/contracts';
import { inTransaction } from '@casewire/service';
import { crashPoint, type Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { CaseCommand } from '../case/case-command.ts';
import { execute } from '../case/case-repository.ts';
import { scheduleBlobDeletion } from '../erasure/erase-case.ts';
import type { OrganizationSettings } from '../organization-settings.ts';
import type { Wakeable } from '../submission/submission.service.ts';

export class ProgressService {
  constructor(
    private readonly pool: Pool,
    private readonly relay: Wakeable,
    private readonly settings: OrganizationSettings,
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  /** Records a stage result. A repeated one changes nothing that a subscriber can see. */
  async record(result: StageResult): Promise<void> {
    const events = await this.run(result.caseId, {
      type: 'RecordStageResult',
      result,
      now: this.now(),
      settings: this.settings.of(result.organizationId),
    });
    const { runId, stage, status, caseId } = result;
    this.logger.info({
      event: 'stage.recorded',
      caseId,
      runId,
      stage,
      status,
      domainEvents: events.map(({ type }) => type),
    });
  }

  /** Fails a run that will have no result. */
  async failRun(
    { organizationId, caseId, runId }: { organizationId: string; caseId: string; runId: string },
    failure: StageFailure,
  ): Promise<void> {
    const events = await this.run(caseId, {
      type: 'FailRun',
      runId,
      failure,
      now: this.now(),
      settings: this.settings.of(organizationId),
    });
    if (events.length > 0)
      this.logger.warn({ event: 'stage.run-failed', caseId, runId, code: failure.code });
  }

  private async run(caseId: string, command: CaseCommand) {
    const events = await inTransaction(this.pool, async (client) => {
      const decided = await execute(client, caseId, command);
      // A stage that ran while its case was deleted has written blobs again.
      if (decided.some(({ type }) => type === 'LateResultReceived')) {
        const { rowCount } = await client.query(
          `select from case_view where id = $1 and status = 'deleted'`,
          [caseId],
        );
        if (rowCount === 1) await scheduleBlobDeletion(client, caseId);
      }
      return decided;
    });
    crashPoint('cases.result-recorded');
    this.relay.wake();
    return events;
  }
}
