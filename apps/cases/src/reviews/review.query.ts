import type { Actor, ReviewComment, ReviewSummary, ReviewsQuery } from '@casewire/contracts';
import { named } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import { reasonOf } from '../case/review-reason.ts';
import type { Tenant } from '../reading/case-view.query.ts';

type Queryable = Pick<Pool | PoolClient, 'query'>;

interface ReviewRow {
  id: string;
  case_id: string;
  status: ReviewSummary['status'];
  review_type: ReviewSummary['reviewType'];
  priority: ReviewSummary['priority'];
  cause: ReviewSummary['cause'];
  reasons: string[];
  reason: string | null;
  upload_id: string | null;
  opened_by: Actor | null;
  opened_at: Date;
  due_at: Date;
  assignee_id: string | null;
  assignee_name: string | null;
  resolution: ReviewSummary['resolution'];
  resolved_by: Actor | null;
  resolved_at: Date | null;
}

const reviews = `
  select r.id, r.case_id, r.status, r.review_type, r.priority, r.cause, r.reasons, p.reason, r.upload_id, r.opened_by,
    r.opened_at, r.due_at, r.assignee_id, p.assignee_name, r.resolution, r.resolved_by, r.resolved_at
  from review_view r
  join case_view v on v.id = r.case_id and v.status <> 'deleted'
  left join review_private p on p.review_id = r.id`;

const summaryOf = (row: ReviewRow): ReviewSummary => ({
  id: row.id,
  caseId: row.case_id,
  status: row.status,
  reviewType: row.review_type,
  priority: row.priority,
  cause: row.cause,
  reason: row.reason ?? reasonOf(row),
  uploadId: row.upload_id,
  openedBy: row.opened_by,
  openedAt: row.opened_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  assignee: row.assignee_id === null ? null : { id: row.assignee_id, name: row.assignee_name },
  resolution: row.resolution,
  resolvedBy: row.resolved_by,
  resolvedAt: row.resolved_at?.toISOString() ?? null,
});

/** A review of the tenant; undefined if there is none, or if its case was deleted. */
export async function findReview(
  db: Queryable,
  { organizationId, environment }: Tenant,
  reviewId: string,
): Promise<ReviewSummary | undefined> {
  const { rows } = await db.query<ReviewRow>(
    `${reviews} where r.id = $1 and r.organization_id = $2 and r.environment = $3`,
    [reviewId, organizationId, environment],
  );
  return rows[0] && summaryOf(rows[0]);
}

export interface ReviewPosition {
  openedAt: string;
  id: string;
}

/** The tenant's reviews after a position, newest first. Returns one more than the limit if there are more. */
export async function listReviews(
  db: Queryable,
  { organizationId, environment }: Tenant,
  { status, caseId, assigneeId, limit }: ReviewsQuery,
  after?: ReviewPosition,
): Promise<ReviewSummary[]> {
  const { rows } = await db.query<ReviewRow>(
    named(
      `${reviews}
       where r.organization_id = :organizationId and r.environment = :environment
         and (:status::text is null or r.status = :status)
         and (:caseId::uuid is null or r.case_id = :caseId)
         and (:assigneeId::uuid is null or r.assignee_id = :assigneeId)
         and (:openedAt::timestamptz is null or (r.opened_at, r.id) < (:openedAt, :id::uuid))
       order by r.opened_at desc, r.id desc limit :rows`,
      {
        organizationId,
        environment,
        status: status ?? null,
        caseId: caseId ?? null,
        assigneeId: assigneeId ?? null,
        openedAt: after?.openedAt ?? null,
        id: after?.id ?? null,
        rows: limit + 1,
      },
    ),
  );
  return rows.map(summaryOf);
}

/** The comments of a review, oldest first. */
export async function commentsOf(db: Queryable, reviewId: string): Promise<ReviewComment[]> {
  const { rows } = await db.query<{
    id: string;
    comment: string;
    written_by: Actor;
    written_at: Date;
  }>(
    `select id, comment, written_by, written_at from review_comment_private
     where review_id = $1 order by written_at, id`,
    [reviewId],
  );
  return rows.map(({ id, comment, written_by: by, written_at: at }) => ({
    id,
    text: comment,
    by,
    at: at.toISOString(),
  }));
}
