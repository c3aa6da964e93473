import type { Actor } from '@casewire/contracts';
import type { PoolClient } from 'pg';

/** Identifies a review and its case: what people write is deleted with the case. */
export interface ReviewOfCase {
  reviewId: string;
  caseId: string;
}

/** Stores why a person opened the review. */
export async function saveReason(
  client: PoolClient,
  { reviewId, caseId }: ReviewOfCase,
  reason: string,
): Promise<void> {
  await client.query(
    'insert into review_private (review_id, case_id, reason) values ($1, $2, $3)',
    [reviewId, caseId, reason],
  );
}

/** Stores the name of the person to whom the review is assigned; null if it is not known. */
export async function saveAssigneeName(
  client: PoolClient,
  { reviewId, caseId }: ReviewOfCase,
  name: string | null,
): Promise<void> {
  await client.query(
    `insert into review_private (review_id, case_id, assignee_name) values ($1, $2, $3)
     on conflict (review_id) do update set assignee_name = excluded.assignee_name`,
    [reviewId, caseId, name],
  );
}

/** Stores what a reviewer requests from the applicant. */
export async function saveRequest(
  client: PoolClient,
  { reviewId, caseId }: ReviewOfCase,
  request: string,
): Promise<void> {
  await client.query(
    `insert into review_private (review_id, case_id, request) values ($1, $2, $3)
     on conflict (review_id) do update set request = excluded.request`,
    [reviewId, caseId, request],
  );
}

/**
 * Adds a comment to a review. The case is locked against its deletion until the transaction ends: a comment is never stored
 * after the others were deleted.
 * @returns false if the case was deleted
 */
export async function saveComment(
  client: PoolClient,
  { reviewId, caseId }: ReviewOfCase,
  comment: { id: string; text: string; by: Actor; at: Date },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into review_comment_private (id, review_id, case_id, comment, written_by, written_at)
     select $1, $2, id, $4, $5, $6 from case_view where id = $3 and status <> 'deleted' for share`,
    [comment.id, reviewId, caseId, comment.text, JSON.stringify(comment.by), comment.at],
  );
  return rowCount === 1;
}
