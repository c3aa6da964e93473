import type { Principal } from '@casewire/auth';
import { RowId, teamTopic, type DeadLetterView, type PageQuery } from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool } from 'pg';

import { deadLetterView } from './dead-letter-view.ts';
import { deadLetterById, deadLetterList, type DeadLetterFilter } from './dead-letter.query.ts';

/** The topic whose dead letters the organization may see. @throws ApiError 404 if it is not a team */
export function deadLetterTopicFor({ organization }: Pick<Principal, 'organization'>): string {
  if (!organization.team) throw notFound('dead letter');
  return teamTopic(organization.team.slug);
}

/** The dead letters of a team's topic. */
export class DeadLettersService {
  constructor(private readonly pool: Pool) {}

  async getAll(
    tenant: Pick<Principal, 'organization'>,
    { limit, cursor, ...filter }: PageQuery & DeadLetterFilter,
  ): Promise<{ items: DeadLetterView[]; next: string | null }> {
    const before = cursor === undefined ? null : decodeCursor(RowId, cursor);
    const topic = deadLetterTopicFor(tenant);
    const found = await deadLetterList(this.pool, topic, filter, limit, before);
    return pageOf(found, limit, ({ id }) => id, deadLetterView);
  }

  /** @throws ApiError 404 */
  async get(tenant: Pick<Principal, 'organization'>, id: string): Promise<DeadLetterView> {
    const topic = deadLetterTopicFor(tenant);
    const found = RowId.safeParse(id).success
      ? await deadLetterById(this.pool, topic, id)
      : undefined;
    if (!found) throw notFound('dead letter');
    return deadLetterView(found);
  }
}
