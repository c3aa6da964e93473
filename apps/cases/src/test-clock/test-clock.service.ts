import type { Principal } from '@casewire/auth';
import type { AdvanceTestClock, CaseClockAdvanced } from '@casewire/contracts';
import { advancePublication } from '@casewire/event-sourcing';
import { ApiError } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { CaseActions } from '../actions/case-actions.ts';
import { execute } from '../case/case-repository.ts';
import { failOverdueRuns } from '../progress/overdue-runs.ts';
import type { ProgressService } from '../progress/progress.service.ts';
import type { Tenant } from '../reading/case-view.query.ts';

/** Advances the time for stage deadlines and reviews of an organization's sandbox. */
export class TestClockService {
  constructor(
    private readonly pool: Pool,
    private readonly actions: CaseActions,
    private readonly progress: ProgressService,
  ) {}

  /** Runs whose deadline has passed then fail at once. @throws ApiError 409 TEST_CLOCK_IN_PRODUCTION */
  async advance(
    principal: Principal,
    { seconds }: AdvanceTestClock,
    key: string | undefined,
  ): Promise<CaseClockAdvanced> {
    if (principal.environment !== 'sandbox') {
      const detail = 'the test clock advances in the sandbox only: this key is for production';
      throw new ApiError(409, 'TEST_CLOCK_IN_PRODUCTION', detail);
    }
    const request = { key, route: 'POST cases/test-clock/advance', body: { seconds } };
    const advanced = await this.actions.run(principal, request, async (client, context) => {
      const waiting = await waitingCases(client, principal);
      for (const { caseId } of waiting) {
        await execute(client, caseId, { type: 'AdvanceTime', seconds, ...context });
        await advancePublication(client, caseId, seconds);
      }
      return {
        runs: waiting.reduce((sum, { runs }) => sum + runs, 0),
        reviews: waiting.reduce((sum, { reviews }) => sum + reviews, 0),
      };
    });
    await failOverdueRuns(this.pool, this.progress);
    return advanced;
  }
}

interface WaitingCase {
  caseId: string;
  runs: number;
  reviews: number;
}

/** The cases with a run under way or an open review, by their ids: the order in which they are locked. */
async function waitingCases(
  client: PoolClient,
  { organizationId, environment }: Tenant,
): Promise<WaitingCase[]> {
  const { rows } = await client.query<WaitingCase>(
    `select v.id as "caseId", count(r.id)::int as runs, (v.open_review_id is not null)::int as reviews
     from case_view v left join run_view r on r.case_id = v.id and r.status = 'processing'
     where v.organization_id = $1 and v.environment = $2 and v.status not in ('canceled', 'deleted')
     group by v.id having count(r.id) > 0 or v.open_review_id is not null
     order by v.id`,
    [organizationId, environment],
  );
  return rows;
}
