import type { CasesQuery, CaseSummary, CaseView } from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool } from 'pg';
import { z } from 'zod';

import { caseWithExternalId } from '../submission/external-id.ts';
import { caseList, type CaseFilter } from './case-list.query.ts';
import { caseView, type Tenant } from './case-view.query.ts';

const Position = z.object({ submittedAt: z.iso.datetime(), id: z.uuid() });

/** Reads cases. */
export class ReadingService {
  /** @param digestKey the key of the digests by which external ids are found */
  constructor(
    private readonly pool: Pool,
    private readonly digestKey: Uint8Array,
  ) {}

  async getAll(
    tenant: Tenant,
    { limit, cursor, ...query }: CasesQuery,
  ): Promise<{ items: CaseSummary[]; next: string | null }> {
    const after = cursor === undefined ? undefined : decodeCursor(Position, cursor);
    const filter = await this.filterOf(tenant, query);
    const cases = filter ? await caseList(this.pool, tenant, filter, limit, after) : [];
    return pageOf(
      cases,
      limit,
      ({ submittedAt, id }) => ({ submittedAt, id }),
      (one) => one,
    );
  }

  /** @throws ApiError 404 */
  async get(tenant: Tenant, caseId: string): Promise<CaseView> {
    const found = await caseView(this.pool, tenant, caseId);
    if (!found) throw notFound('case');
    return found;
  }

  /** The query as conditions; undefined if no case can meet them. */
  private async filterOf(
    tenant: Tenant,
    query: Omit<CasesQuery, 'limit' | 'cursor'>,
  ): Promise<CaseFilter | undefined> {
    const { externalId } = query;
    if (externalId === undefined) return query;
    const caseId = await caseWithExternalId(this.pool, tenant, externalId, this.digestKey);
    return caseId === undefined ? undefined : { ...query, caseId };
  }
}
