import { randomUUID } from 'node:crypto';

import type { Principal } from '@casewire/auth';
import type {
  AssignReview,
  CommentReview,
  OpenReview,
  ResolveReview,
  ReviewsQuery,
  ReviewSummary,
  ReviewView,
} from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';

import type { ActionContext, CaseActions } from '../actions/case-actions.ts';
import { execute } from '../case/case-repository.ts';
import type { Tenant } from '../reading/case-view.query.ts';
import { saveCorrections } from '../revisions/revision.query.ts';
import { saveAssigneeName, saveComment, saveReason, saveRequest } from './review-texts.query.ts';
import { commentsOf, findReview, listReviews } from './review.query.ts';

const Position = z.object({ openedAt: z.iso.datetime(), id: z.uuid() });

/** Reviews of cases by people. */
export class ReviewsService {
  constructor(
    private readonly pool: Pool,
    private readonly actions: CaseActions,
  ) {}

  async getAll(
    tenant: Tenant,
    query: ReviewsQuery,
  ): Promise<{ items: ReviewSummary[]; next: string | null }> {
    const after = query.cursor === undefined ? undefined : decodeCursor(Position, query.cursor);
    const found = await listReviews(this.pool, tenant, query, after);
    return pageOf(
      found,
      query.limit,
      ({ openedAt, id }) => ({ openedAt, id }),
      (one) => one,
    );
  }

  async get(tenant: Tenant, id: string): Promise<ReviewView> {
    return view(this.pool, tenant, id);
  }

  /** Opens a review by hand. @throws ApiError 409 REVIEW_OPEN if another one is open */
  open(
    principal: Principal,
    caseId: string,
    command: OpenReview,
    key: string | undefined,
  ): Promise<ReviewView> {
    const request = { key, route: `POST cases/${caseId}/reviews`, body: command };
    return this.actions.runOn(principal, caseId, request, async (client, context) => {
      const { reason, uploadId = null, reviewType, priority } = command;
      const reviewId = randomUUID();
      await execute(client, caseId, {
        type: 'OpenReview',
        reviewId,
        uploadId,
        reviewType,
        priority,
        ...context,
      });
      await saveReason(client, { reviewId, caseId }, reason);
      return view(client, principal, reviewId);
    });
  }

  assign(
    principal: Principal,
    reviewId: string,
    command: AssignReview,
    key: string | undefined,
  ): Promise<ReviewView> {
    const request = { key, action: 'assign', body: command };
    return this.act(principal, reviewId, request, async (client, { caseId, context }) => {
      const { assigneeId, assigneeName = null } = command;
      await execute(client, caseId, { type: 'AssignReview', reviewId, assigneeId, ...context });
      await saveAssigneeName(client, { reviewId, caseId }, assigneeName);
    });
  }

  comment(
    principal: Principal,
    reviewId: string,
    { text }: CommentReview,
    key: string | undefined,
  ): Promise<ReviewView> {
    const request = { key, action: 'comments', body: { text } };
    return this.act(principal, reviewId, request, async (client, { caseId, context }) => {
      const { by, now: at } = context;
      const comment = { id: randomUUID(), text, by, at };
      if (!(await saveComment(client, { reviewId, caseId }, comment))) throw notFound('review');
    });
  }

  /** Decides a review. @throws ApiError 409 REVIEW_RESOLVED that says who did it before */
  resolve(
    principal: Principal,
    reviewId: string,
    command: ResolveReview,
    key: string | undefined,
  ): Promise<ReviewView> {
    const request = { key, action: 'resolve', body: command };
    return this.act(principal, reviewId, request, async (client, { caseId, context }) => {
      const { resolution, comment, corrections = [] } = command;
      const events = await execute(client, caseId, {
        type: 'ResolveReview',
        reviewId,
        resolution,
        corrections: corrections.map(({ uploadId, fields }) => ({
          uploadId,
          fields: fields.map(({ name }) => name),
        })),
        ...context,
      });
      await saveCorrections(client, caseId, events, corrections, comment ?? null);
      if (comment === undefined) return;
      const { by, now: at } = context;
      await saveComment(client, { reviewId, caseId }, { id: randomUUID(), text: comment, by, at });
      if (resolution === 'more_requested') await saveRequest(client, { reviewId, caseId }, comment);
    });
  }

  private act(
    principal: Principal,
    reviewId: string,
    { key, action, body }: { key: string | undefined; action: string; body: unknown },
    work: (client: PoolClient, of: { caseId: string; context: ActionContext }) => Promise<unknown>,
  ): Promise<ReviewView> {
    const request = { key, route: `POST reviews/${reviewId}/${action}`, body };
    return this.actions.run(principal, request, async (client, context) => {
      const { caseId } = await findOrFail(client, principal, reviewId);
      await context.isAbout(caseId);
      await work(client, { caseId, context });
      return view(client, principal, reviewId);
    });
  }
}

type Queryable = Pick<Pool | PoolClient, 'query'>;

async function findOrFail(db: Queryable, tenant: Tenant, id: string): Promise<ReviewSummary> {
  const found = await findReview(db, tenant, id);
  if (!found) throw notFound('review');
  return found;
}

const view = async (db: Queryable, tenant: Tenant, id: string): Promise<ReviewView> => ({
  ...(await findOrFail(db, tenant, id)),
  comments: await commentsOf(db, id),
});
