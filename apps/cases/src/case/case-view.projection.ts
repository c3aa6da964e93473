import type { Projection } from '@casewire/event-sourcing';
import type { PoolClient } from 'pg';

import type { CaseDomainEvent } from './case-domain-event.ts';
import { caseViews } from './views/case-views.ts';
import { refreshViews } from './views/refresh-views.ts';
import { reviewViews } from './views/review-views.ts';
import { runViews } from './views/run-views.ts';
import type { Applied, ViewHandlers } from './views/view-handlers.ts';

/** The read model behind the API, derived from the domain events of cases. */
export const caseViewProjection: Projection<CaseDomainEvent> = {
  tables: [
    'case_view',
    'upload_view',
    'run_view',
    'refresh_view',
    'review_view',
    'extraction_version_view',
    'case_revision_view',
  ],
  async apply(client, events) {
    for (const { streamId: caseId, version, event } of events)
      await applyOne({ client, caseId, version, event });
    for (const caseId of new Set(events.map(({ streamId }) => streamId)))
      await updateStatus(client, caseId);
  },
};

const views: readonly ViewHandlers[] = [caseViews, runViews, refreshViews, reviewViews];

async function applyOne(applied: Applied<CaseDomainEvent['type']>): Promise<void> {
  for (const handlers of views) {
    // The compiler does not relate the handler of one type to the event of that type.
    const handler = handlers[applied.event.type] as
      | ((of: typeof applied) => Promise<unknown>)
      | undefined;
    await handler?.(applied);
  }
}

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
