import type { Pool } from 'pg';

import type { ProgressService } from './progress.service.ts';

const overdue = `
  select id, case_id from run_view where status = 'processing' and deadline < now() order by deadline limit 100`;

/** Fails runs whose deadline has passed: a stage that never answers must not hold its case for ever. */
export async function giveUpOverdueRuns(pool: Pool, progress: ProgressService): Promise<void> {
  const { rows } = await pool.query<{ id: string; case_id: string }>(overdue);
  for (const { id, case_id: caseId } of rows) {
    await progress.giveUp(caseId, id, {
      code: 'DEADLINE_EXCEEDED',
      detail: 'the stage did not answer in time',
    });
  }
}
