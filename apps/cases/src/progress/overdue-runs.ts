import type { Pool } from 'pg';

import type { ProgressService } from './progress.service.ts';

const overdueRuns = `
  select id, case_id from run_view where status = 'processing' and deadline < now() order by deadline limit 100`;

/** Fails runs whose deadline has passed: a stage that never publishes a result must not keep its case open for ever. */
export async function failOverdueRuns(pool: Pool, progress: ProgressService): Promise<void> {
  const { rows } = await pool.query<{ id: string; case_id: string }>(overdueRuns);
  for (const { id, case_id: caseId } of rows) {
    await progress.failRun(caseId, id, {
      code: 'DEADLINE_EXCEEDED',
      detail: 'the stage did not finish in time',
    });
  }
}
