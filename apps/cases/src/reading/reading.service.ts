import type { BlobStore } from '@casewire/blobs';
import type { CaseSummary, CaseView, PageQuery, Stage, StageResults } from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool } from 'pg';
import { z } from 'zod';

import { caseList, caseView, uploadRuns, type Tenant } from './case-view.query.ts';

const Position = z.object({ submittedAt: z.iso.datetime(), id: z.uuid() });

export class ReadingService {
  constructor(
    private readonly pool: Pool,
    private readonly blobs: BlobStore,
  ) {}

  async getAll(
    tenant: Tenant,
    { limit, cursor }: PageQuery,
  ): Promise<{ items: CaseSummary[]; next: string | null }> {
    const after = cursor === undefined ? undefined : decodeCursor(Position, cursor);
    const cases = await caseList(this.pool, tenant, limit, after);
    return pageOf(
      cases,
      limit,
      ({ submittedAt, id }) => ({ submittedAt, id }),
      (one) => one,
    );
  }

  get(tenant: Tenant, caseId: string): Promise<CaseView> {
    return this.findOrFail(tenant, caseId);
  }

  /** The results of one stage for each upload. They can be read before the event of that stage is published. */
  async getResults(tenant: Tenant, caseId: string, stage: Stage): Promise<StageResults> {
    await this.findOrFail(tenant, caseId);
    const uploads = await uploadRuns(this.pool, caseId);
    const requested = uploads.flatMap(({ id, extractionVersion, stages }) =>
      stages
        .filter((one) => one.stage === stage)
        .map((one) => ({
          uploadId: id,
          version: stage === 'extraction' ? extractionVersion : null,
          ...one,
        })),
    );
    return {
      caseId,
      stage,
      uploads: await Promise.all(
        requested.map(async ({ uploadId, status, run, finishedAt, failure, version, result }) => ({
          uploadId,
          status,
          run,
          version,
          finishedAt,
          failure,
          result: result && JSON.parse((await this.blobs.read(result.key)).toString()),
        })),
      ),
    };
  }

  private async findOrFail(tenant: Tenant, caseId: string): Promise<CaseView> {
    const found = await caseView(this.pool, tenant, caseId);
    if (!found) throw notFound('case');
    return found;
  }
}
