import type { Principal } from '@casewire/auth';
import { RowId, teamTopic, type DeadLetterView, type PageQuery } from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool } from 'pg';

import { deadLetterById, deadLetterList, type DeadLetterFilter } from './dead-letter.query.ts';
import { deadLetterView } from './dead-letter.ts';

/** The topic whose notifications these are for. @throws Refusal 404 for who is no team */
export function deadLetterTopicFor({ organization }: Pick<Principal, 'organization'>): string {
  if (!organization.team) throw notFound('dead letter');
  return teamTopic(organization.team.slug);
}

/** What a team published, and could not be understood. */
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

  /** @throws Refusal 404 */
  async get(tenant: Pick<Principal, 'organization'>, id: string): Promise<DeadLetterView> {
    const topic = deadLetterTopicFor(tenant);
    const found = RowId.safeParse(id).success
      ? await deadLetterById(this.pool, topic, id)
      : undefined;
    if (!found) throw notFound('dead letter');
    return deadLetterView(found);
  }
}
