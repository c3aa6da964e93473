import type { Projection } from '@casewire/event-sourcing';
import type { PoolClient } from 'pg';

import type { CaseDomainEvent } from './case-domain-event.ts';
import { projectCase } from './views/case-views.ts';
import { projectReview } from './views/review-views.ts';
import { projectRefresh, projectRun } from './views/run-views.ts';

/** The tables of the read model, in an order in which they can be filled. */
export const caseViewTables = [
  'case_view',
  'upload_view',
  'run_view',
  'refresh_view',
  'review_view',
  'extraction_version_view',
  'case_revision_view',
] as const;

/** The read model behind the API, derived from the domain events of cases. */
export const caseViewProjection: Projection<CaseDomainEvent> = {
  async apply(client, events) {
    for (const { streamId, version, event } of events) {
      await projectCase(client, streamId, version, event);
      await projectRun(client, streamId, event);
      await projectRefresh(client, streamId, event);
      await projectReview(client, streamId, event);
    }
    for (const caseId of new Set(events.map(({ streamId }) => streamId)))
      await updateStatus(client, caseId);
  },
  async clear(client) {
    await client.query(`truncate ${caseViewTables.join(', ')}`);
  },
};

/** The same rules as `statusOf` of the aggregate. Deletion and cancellation are final. */
async function updateStatus(client: PoolClient, caseId: string): Promise<void> {
  await client.query(
    `update case_view v set status = n.status
     from (
       select c.id, case
         when exists (
           select from run_view r where r.case_id = c.id and r.current and r.status = 'processing') then 'processing'
         when c.open_review_id is not null and c.completed_at is null then 'in_review'
         when c.action_required then 'action_required'
         when c.completed_at is not null then 'completed'
         else 'processing' end as status
       from case_view c where c.id = $1 and c.status not in ('deleted', 'canceled')) n
     where v.id = n.id and v.status <> n.status`,
    [caseId],
  );
}
