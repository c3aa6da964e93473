import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { DomainEventOf } from '../case-domain-event.ts';
import type { ViewHandlers } from './view-handlers.ts';

/** The rows of reviews. */
export const reviewViews: ViewHandlers = {
  ReviewOpened: ({ client, caseId, event }) => insertReview(client, caseId, event),
  ReviewAssigned: ({ client, event }) =>
    client.query('update review_view set assignee_id = $2 where id = $1', [
      event.reviewId,
      event.assigneeId,
    ]),
  ReviewResolved: ({ client, event }) =>
    client.query(
      `update review_view set status = 'resolved', resolution = $2, resolved_by = $3, resolved_at = $4 where id = $1`,
      [event.reviewId, event.resolution, JSON.stringify(event.resolvedBy), event.resolvedAt],
    ),
  ReviewCanceled: ({ client, event }) =>
    client.query(`update review_view set status = 'canceled' where id = $1`, [event.reviewId]),
  TimeAdvanced: ({ client, caseId, event }) =>
    client.query(
      `update review_view set due_at = due_at - make_interval(secs => $2)
       where case_id = $1 and status = 'open'`,
      [caseId, event.seconds],
    ),
};

async function insertReview(
  client: PoolClient,
  caseId: string,
  event: DomainEventOf<'ReviewOpened'>,
): Promise<void> {
  await client.query(
    named(
      `insert into review_view (id, case_id, organization_id, environment, upload_id, status, review_type, priority, cause,
         reasons, opened_by, opened_at, due_at)
       select :reviewId, id, organization_id, environment, :uploadId, 'open', :reviewType, :priority, :cause,
         :reasons, :openedBy, :openedAt, :dueAt
       from case_view where id = :caseId`,
      {
        caseId,
        reviewId: event.reviewId,
        uploadId: event.uploadId,
        reviewType: event.reviewType,
        priority: event.priority,
        cause: event.cause,
        reasons: event.reasons,
        openedBy: event.openedBy && JSON.stringify(event.openedBy),
        openedAt: event.openedAt,
        dueAt: event.dueAt,
      },
    ),
  );
}
