import type { Pool } from 'pg';

import type { ProgressService } from './progress.service.ts';

const overdueRuns = `
  select r.id as "runId", r.case_id as "caseId", v.organization_id as "organizationId"
  from run_view r join case_view v on v.id = r.case_id
  where r.status = 'processing' and r.deadline < now() order by r.deadline limit 100`;

/** Fails runs whose deadline has passed: a stage that never publishes a result must not keep its case open for ever. */
export async function failOverdueRuns(pool: Pool, progress: ProgressService): Promise<void> {
  const { rows } = await pool.query<{ runId: string; caseId: string; organizationId: string }>(
    overdueRuns,
  );
  for (const run of rows) {
    await progress.failRun(run, {
      code: 'DEADLINE_EXCEEDED',
      detail: 'the stage did not finish in time',
    });
  }
}
