import {
  type CaseEvent,
  type CaseRevisions,
  type CaseTimeline,
  type ExtractionVersions,
  type PageQuery,
} from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool } from 'pg';
import { z } from 'zod';

import { contextsOf } from '../outbox/case-relay.ts';
import type { Tenant } from '../reading/case-view.query.ts';
import { extractionVersions } from '../reading/extraction-version.query.ts';
import { findCase } from '../reading/find-case.ts';
import { uploadsOf } from '../reading/upload-view.query.ts';
import { caseHistory, revisionVersions } from './case-event.query.ts';
import { caseRevisions } from './case-revision.query.ts';
import { contextAt, publishedEventOf } from './published-event.ts';
import { timelineOf } from './timeline.ts';

/** The version of a stream. */
const Version = z.int().min(0).max(2_147_483_647);

/** Reads what happened to a case: its events, its timeline, and the versions of its data. */
export class HistoryService {
  constructor(private readonly pool: Pool) {}

  /** The events that the case published, in their order. @throws ApiError 404 */
  async getEvents(
    tenant: Tenant,
    caseId: string,
    { limit, cursor }: PageQuery,
  ): Promise<{ items: CaseEvent[]; next: string | null }> {
    const after = cursor === undefined ? 0 : decodeCursor(Version, cursor);
    await findCase(this.pool, tenant, caseId);
    const context = await this.contextOf(caseId);
    const revisedAt = await revisionVersions(this.pool, caseId);
    const revisions = revisedAt.length > 0 ? await caseRevisions(this.pool, caseId) : [];
    const found: { version: number; published: CaseEvent }[] = [];
    for (let last = after; found.length <= limit;) {
      const read = await caseHistory(this.pool, caseId, { after: last, limit: 2 * limit });
      for (const one of read) {
        const then = contextAt(context, one.version, revisedAt, revisions);
        const published = publishedEventOf(caseId, one, then);
        if (published) found.push({ version: one.version, published });
      }
      if (read.length < 2 * limit) break;
      last = read.at(-1)!.version;
    }
    return pageOf(
      found,
      limit,
      ({ version }) => version,
      ({ published }) => published,
    );
  }

  /** All moments of the case in order of time. @throws ApiError 404 */
  async getTimeline(tenant: Tenant, caseId: string): Promise<CaseTimeline> {
    await findCase(this.pool, tenant, caseId);
    const history = await caseHistory(this.pool, caseId);
    return { caseId, entries: timelineOf(caseId, history, await this.contextOf(caseId)) };
  }

  /** The case's own data at each revision. @throws ApiError 404 */
  async getRevisions(tenant: Tenant, caseId: string): Promise<CaseRevisions> {
    await findCase(this.pool, tenant, caseId);
    return { caseId, revisions: await caseRevisions(this.pool, caseId) };
  }

  /** The versions of a document's extraction. @throws ApiError 404 */
  async getVersions(tenant: Tenant, caseId: string, uploadId: string): Promise<ExtractionVersions> {
    await findCase(this.pool, tenant, caseId);
    const uploads = await uploadsOf(this.pool, caseId);
    if (!uploads.some(({ id }) => id === uploadId)) throw notFound('upload');
    const versions = (await extractionVersions(this.pool, caseId)).get(uploadId) ?? [];
    return {
      uploadId,
      versions: versions.map((row) => ({
        version: row.version,
        cause: row.cause,
        run: row.run,
        revisedBy: row.revised_by,
        reason: row.reason,
        fields: row.fields,
        createdAt: row.created_at.toISOString(),
      })),
    };
  }

  private async contextOf(caseId: string) {
    return (await contextsOf(this.pool, [caseId])).get(caseId)!;
  }
}
