import type { BlobStore } from '@casewire/blobs';
import type { CaseSummary, CaseView, PageQuery, Stage, StageResults } from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool } from 'pg';
import { z } from 'zod';

import { caseList, caseView, uploadRuns, type Owner } from './case-view.query.ts';

const Position = z.object({ submittedAt: z.iso.datetime(), id: z.uuid() });

export class ReadingService {
  constructor(
    private readonly pool: Pool,
    private readonly blobs: BlobStore,
  ) {}

  async getAll(
    owner: Owner,
    { limit, cursor }: PageQuery,
  ): Promise<{ items: CaseSummary[]; next: string | null }> {
    const after = cursor === undefined ? undefined : decodeCursor(Position, cursor);
    const cases = await caseList(this.pool, owner, limit, after);
    return pageOf(
      cases,
      limit,
      ({ submittedAt, id }) => ({ submittedAt, id }),
      (one) => one,
    );
  }

  get(owner: Owner, caseId: string): Promise<CaseView> {
    return this.findOrFail(owner, caseId);
  }

  /** The results of one stage, upload by upload. They are readable before the event that says so is published. */
  async getResults(owner: Owner, caseId: string, stage: Stage): Promise<StageResults> {
    await this.findOrFail(owner, caseId);
    const uploads = await uploadRuns(this.pool, caseId);
    const requested = uploads.flatMap(({ id, stages }) =>
      stages.filter((one) => one.stage === stage).map((one) => ({ uploadId: id, ...one })),
    );
    return {
      caseId,
      stage,
      uploads: await Promise.all(
        requested.map(async ({ uploadId, status, finishedAt, failure, result }) => ({
          uploadId,
          status,
          finishedAt,
          failure,
          result: result && JSON.parse((await this.blobs.read(result.key)).toString()),
        })),
      ),
    };
  }

  private async findOrFail(owner: Owner, caseId: string): Promise<CaseView> {
    const found = await caseView(this.pool, owner, caseId);
    if (!found) throw notFound('case');
    return found;
  }
}
