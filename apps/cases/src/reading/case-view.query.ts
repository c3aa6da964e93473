import type {
  Actor,
  CaseDecision,
  CaseResult,
  CaseStatus,
  CaseSummary,
  CaseView,
  Environment,
  IgnoredFile,
  RefreshView,
  Stage,
} from '@casewire/contracts';
import type { Pool, PoolClient } from 'pg';

import { uploadsOf, uploadView } from './upload-view.query.ts';

type Queryable = Pick<Pool | PoolClient, 'query'>;

/** The organization and environment whose cases are read. */
export interface Tenant {
  organizationId: string;
  environment: Environment;
}

export interface CaseRow {
  id: string;
  environment: Environment;
  status: CaseStatus;
  result: CaseResult | null;
  submitted_at: Date;
  completed_at: Date | null;
  verification_id: string | null;
  external_id: string | null;
  reference: string | null;
  correlation_id: string | null;
  metadata: CaseView['metadata'] | null;
  decision: CaseDecision | null;
  open_review_id: string | null;
  revision: number;
}

export const caseColumns = `v.id, v.environment, v.status, v.result, v.submitted_at, v.completed_at, v.decision, v.open_review_id,
  v.revision, v.verification_id, p.external_id, p.reference, p.correlation_id, p.metadata`;

export const caseSummary = (row: CaseRow): CaseSummary => ({
  id: row.id,
  externalId: row.external_id,
  reference: row.reference,
  correlationId: row.correlation_id,
  verificationId: row.verification_id,
  environment: row.environment,
  status: row.status,
  result: row.result,
  decision: row.decision,
  openReviewId: row.open_review_id,
  revision: row.revision,
  metadata: row.metadata ?? {},
  submittedAt: row.submitted_at.toISOString(),
  completedAt: row.completed_at?.toISOString() ?? null,
});

/** A case of the tenant without its uploads; undefined if there is none, or if it was deleted. */
export async function caseWithoutUploads(
  db: Queryable,
  { organizationId, environment }: Tenant,
  caseId: string,
): Promise<CaseSummary | undefined> {
  const { rows } = await db.query<CaseRow>(
    `select ${caseColumns} from case_view v left join case_private p on p.case_id = v.id
     where v.id = $1 and v.organization_id = $2 and v.environment = $3 and v.status <> 'deleted'`,
    [caseId, organizationId, environment],
  );
  return rows[0] && caseSummary(rows[0]);
}

/** A case of the tenant; undefined if there is none, or if it was deleted. */
export async function caseView(
  db: Queryable,
  tenant: Tenant,
  caseId: string,
): Promise<CaseView | undefined> {
  const found = await caseWithoutUploads(db, tenant, caseId);
  return (
    found && {
      ...found,
      refresh: await latestRefresh(db, caseId),
      ignoredFiles: await ignoredFiles(db, caseId),
      uploads: (await uploadsOf(db, caseId)).map(uploadView),
    }
  );
}

interface RefreshRow {
  id: string;
  status: RefreshView['status'];
  stages: Stage[];
  upload_ids: string[];
  requested_by: Actor;
  requested_at: Date;
  finished_at: Date | null;
  failure: RefreshView['failure'];
}

async function latestRefresh(db: Queryable, caseId: string): Promise<RefreshView | null> {
  const { rows } = await db.query<RefreshRow>(
    `select id, status, stages, upload_ids, requested_by, requested_at, finished_at, failure
     from refresh_view where case_id = $1 order by requested_at desc limit 1`,
    [caseId],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    id: row.id,
    status: row.status,
    stages: row.stages,
    uploadIds: row.upload_ids,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    failure: row.failure,
  };
}

async function ignoredFiles(db: Queryable, caseId: string): Promise<IgnoredFile[]> {
  const { rows } = await db.query<IgnoredFile>(
    'select archive, path, reason from ignored_file_private where case_id = $1 order by position',
    [caseId],
  );
  return rows;
}
