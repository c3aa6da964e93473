import {
  CaseView,
  type Actor,
  type Assessment,
  type BlobReference,
  type CaseDecision,
  type CaseResult,
  type CaseStatus,
  type CaseSummary,
  type DocumentType,
  type Environment,
  type Feature,
  type IgnoredFile,
  type RefreshView,
  type RunStatus,
  type Stage,
  type StageFailure,
  type StageView,
  type UploadView,
} from '@casewire/contracts';
import type { Pool, PoolClient } from 'pg';

import type { StoredDocument } from '../case/case-domain-event.ts';
import { requestedStages } from '../case/case-state.ts';

type Queryable = Pick<Pool | PoolClient, 'query'>;

/** The organization and environment whose cases are read. */
export interface Tenant {
  organizationId: string;
  environment: Environment;
}

interface CaseRow {
  id: string;
  environment: Environment;
  status: CaseStatus;
  result: CaseResult | null;
  submitted_at: Date;
  completed_at: Date | null;
  external_id: string | null;
  reference: string | null;
  correlation_id: string | null;
  metadata: CaseView['metadata'] | null;
  decision: CaseDecision | null;
  open_review_id: string | null;
  revision: number;
}

const columns = `v.id, v.environment, v.status, v.result, v.submitted_at, v.completed_at, v.decision, v.open_review_id,
  v.revision, p.external_id, p.reference, p.correlation_id, p.metadata`;

const summary = (row: CaseRow): CaseSummary => ({
  id: row.id,
  externalId: row.external_id,
  reference: row.reference,
  correlationId: row.correlation_id,
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

/** A case of the tenant; undefined if there is none, or if it was deleted. */
export async function caseView(
  db: Queryable,
  tenant: Tenant,
  caseId: string,
): Promise<CaseView | undefined> {
  const { rows } = await db.query<CaseRow>(
    `select ${columns} from case_view v left join case_private p on p.case_id = v.id
     where v.id = $1 and v.organization_id = $2 and v.environment = $3 and v.status <> 'deleted'`,
    [caseId, tenant.organizationId, tenant.environment],
  );
  const row = rows[0];
  return (
    row && {
      ...summary(row),
      refresh: await latestRefresh(db, caseId),
      ignoredFiles: await ignoredFiles(db, caseId),
      uploads: await uploadsOf(db, caseId),
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

export interface CasePosition {
  submittedAt: string;
  id: string;
}

/** The tenant's cases after a position, newest first. Returns one more than the limit if there are more. */
export async function caseList(
  db: Queryable,
  tenant: Tenant,
  limit: number,
  after?: CasePosition,
): Promise<CaseSummary[]> {
  const { rows } = await db.query<CaseRow>(
    `select ${columns} from case_view v left join case_private p on p.case_id = v.id
     where v.organization_id = $1 and v.environment = $2 and v.status <> 'deleted'
       and ($3::timestamptz is null or (v.submitted_at, v.id) < ($3, $4::uuid))
     order by v.submitted_at desc, v.id desc limit $5`,
    [
      tenant.organizationId,
      tenant.environment,
      after?.submittedAt ?? null,
      after?.id ?? null,
      limit + 1,
    ],
  );
  return rows.map(summary);
}

interface UploadRow {
  id: string;
  document: StoredDocument;
  classify: boolean;
  features: Feature[];
  received_at: Date;
  target_language: string;
  document_type: DocumentType | null;
  assessment: Assessment | null;
  assessed_at: Date | null;
  extraction_version: number | null;
  file_name: string | null;
  archive: string | null;
  runs: RunRow[] | null;
}

interface RunRow {
  stage: Stage;
  run: number;
  status: RunStatus;
  finished_at: string | null;
  failure: StageFailure | null;
  result: BlobReference | null;
}

export interface UploadRuns {
  id: string;
  extractionVersion: number | null;
  stages: (StageView & { result: BlobReference | null })[];
}

async function uploadRows(db: Queryable, caseId: string): Promise<UploadRow[]> {
  const { rows } = await db.query<UploadRow>(
    `select u.id, u.document, u.classify, u.features, u.received_at, u.target_language, u.document_type, u.assessment,
       u.assessed_at, u.extraction_version, p.file_name, p.archive,
       (select jsonb_agg(jsonb_build_object('stage', r.stage, 'run', r.run, 'status', r.status, 'failure', r.failure,
          'result', r.result, 'finished_at', r.finished_at)) from run_view r where r.upload_id = u.id and r.current) as runs
     from upload_view u left join upload_private p on p.upload_id = u.id
     where u.case_id = $1 order by u.position`,
    [caseId],
  );
  return rows;
}

/** A case's uploads with the state of every stage that was requested. */
export async function uploadRuns(db: Queryable, caseId: string): Promise<UploadRuns[]> {
  return (await uploadRows(db, caseId)).map((row) => ({
    id: row.id,
    extractionVersion: row.extraction_version,
    stages: stagesOf(row),
  }));
}

function stagesOf(row: UploadRow): UploadRuns['stages'] {
  return requestedStages(row).map((stage) => {
    const run = row.runs?.find((one) => one.stage === stage);
    return {
      stage,
      status: run?.status ?? 'pending',
      run: run?.run ?? 1,
      finishedAt: run?.finished_at ? new Date(run.finished_at).toISOString() : null,
      failure: run?.failure ?? null,
      result: run?.result ?? null,
    };
  });
}

async function uploadsOf(db: Queryable, caseId: string): Promise<UploadView[]> {
  return (await uploadRows(db, caseId)).map((row) => ({
    id: row.id,
    fileName: row.file_name ?? '',
    mediaType: row.document.mediaType,
    size: row.document.size,
    pages: row.document.pages,
    classify: row.classify,
    features: row.features,
    targetLanguage: row.target_language,
    archive: row.archive,
    receivedAt: row.received_at.toISOString(),
    documentType: row.document_type,
    assessment:
      row.assessment && row.assessed_at
        ? { ...row.assessment, assessedAt: row.assessed_at.toISOString() }
        : null,
    extractionVersion: row.extraction_version,
    stages: stagesOf(row).map(({ stage, status, run, finishedAt, failure }) => ({
      stage,
      status,
      run,
      finishedAt,
      failure,
    })),
  }));
}
