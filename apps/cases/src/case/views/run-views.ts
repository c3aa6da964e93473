import type { BlobReference, DocumentType, Stage } from '@casewire/contracts';
import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { CaseDomainEvent, DomainEventOf } from '../case-domain-event.ts';

/** Updates the rows of runs, and the versions of extractions. */
export async function projectRun(
  client: PoolClient,
  caseId: string,
  event: CaseDomainEvent,
): Promise<void> {
  switch (event.type) {
    case 'StageRequested':
      return insertRun(client, caseId, event);
    case 'StageCompleted':
      await finishRun(client, event, event.result, null);
      return applyResult(client, { caseId, at: event.finishedAt, ...event });
    case 'StageFailed':
    case 'RefreshRunFailed':
      return finishRun(client, event, null, event.failure);
    case 'RefreshRunCompleted':
      await client.query('update run_view set document_type = $2 where id = $1', [
        event.runId,
        event.documentType,
      ]);
      return finishRun(client, event, event.result, null);
    case 'DocumentRevised':
      return documentRevised(client, caseId, event);
    case 'CaseCanceled':
    case 'CaseDeleted':
      return cancelRuns(client, caseId);
    case 'TimeAdvanced':
      await client.query(
        `update run_view set deadline = deadline - make_interval(secs => $2)
         where case_id = $1 and status = 'processing'`,
        [caseId, event.seconds],
      );
      return;
    default:
  }
}

/** Updates the rows of refreshes. A completed one makes its runs the current ones. */
export async function projectRefresh(
  client: PoolClient,
  caseId: string,
  event: CaseDomainEvent,
): Promise<void> {
  switch (event.type) {
    case 'RefreshRequested':
      return insertRefresh(client, caseId, event);
    case 'RefreshCompleted':
      await finishRefresh(client, event.refreshId, 'completed', event.completedAt, null);
      return replaceResults(client, caseId, event);
    case 'RefreshFailed':
      await finishRefresh(client, event.refreshId, 'failed', event.failedAt, event.failure);
      return dropRuns(client, caseId);
    case 'CaseCanceled':
    case 'CaseDeleted':
      await client.query(
        `update refresh_view set status = 'failed', finished_at = $2 where case_id = $1 and status = 'processing'`,
        [caseId, event.type === 'CaseCanceled' ? event.canceledAt : event.deletedAt],
      );
      return dropRuns(client, caseId);
    default:
  }
}

async function insertRun(
  client: PoolClient,
  caseId: string,
  event: DomainEventOf<'StageRequested'>,
): Promise<void> {
  await client.query(
    named(
      `insert into run_view (id, case_id, upload_id, stage, run, status, requested_at, deadline, current)
       values (:runId, :caseId, :uploadId, :stage, :run, 'processing', :requestedAt, :deadline, :current)`,
      {
        runId: event.runId,
        caseId,
        uploadId: event.uploadId,
        stage: event.stage,
        run: event.run,
        requestedAt: event.requestedAt,
        deadline: event.deadline,
        current: event.run === 1,
      },
    ),
  );
}

async function finishRun(
  client: PoolClient,
  { runId, finishedAt }: { runId: string; finishedAt: string },
  result: BlobReference | null,
  failure: object | null,
): Promise<void> {
  await client.query(
    `update run_view set status = $2, finished_at = $3, result = $4, failure = $5 where id = $1`,
    [
      runId,
      result ? 'completed' : 'failed',
      finishedAt,
      result && JSON.stringify(result),
      failure && JSON.stringify(failure),
    ],
  );
}

interface AppliedResult {
  caseId: string;
  uploadId: string;
  runId: string;
  stage: Stage;
  documentType: DocumentType | null;
  at: string;
}

/** What a result changes on its upload: its type, or the next version of its extraction. */
async function applyResult(
  client: PoolClient,
  { caseId, uploadId, runId, stage, documentType, at }: AppliedResult,
): Promise<void> {
  if (stage === 'classification') {
    await client.query('update upload_view set document_type = $2 where id = $1', [
      uploadId,
      documentType,
    ]);
  }
  if (stage !== 'extraction') return;
  await client.query(
    `with next as (
       update upload_view set extraction_version = coalesce(extraction_version, 0) + 1 where id = $1
       returning extraction_version)
     insert into extraction_version_view (upload_id, version, case_id, cause, run_id, created_at)
     select $1, extraction_version, $2, 'run', $3, $4 from next`,
    [uploadId, caseId, runId, at],
  );
}

async function documentRevised(
  client: PoolClient,
  caseId: string,
  event: DomainEventOf<'DocumentRevised'>,
): Promise<void> {
  const { uploadId, version, revisedBy, revisedAt } = event;
  await client.query('update upload_view set extraction_version = $2 where id = $1', [
    uploadId,
    version,
  ]);
  await client.query(
    `insert into extraction_version_view (upload_id, version, case_id, cause, run_id, revised_by, created_at)
     select $1, $2, $3, 'correction', v.run_id, $4, $5
     from extraction_version_view v where v.upload_id = $1 and v.version = $2 - 1`,
    [uploadId, version, caseId, JSON.stringify(revisedBy), revisedAt],
  );
}

async function cancelRuns(client: PoolClient, caseId: string): Promise<void> {
  await client.query(
    `update run_view set status = 'canceled' where case_id = $1 and status = 'processing'`,
    [caseId],
  );
}

/** The runs of a refresh that failed, or ended with its case, are not awaited any more. */
async function dropRuns(client: PoolClient, caseId: string): Promise<void> {
  await client.query(
    `update run_view set status = 'canceled' where case_id = $1 and not current and status = 'processing'`,
    [caseId],
  );
}

async function insertRefresh(
  client: PoolClient,
  caseId: string,
  event: DomainEventOf<'RefreshRequested'>,
): Promise<void> {
  await client.query(
    named(
      `insert into refresh_view (id, case_id, status, stages, upload_ids, run_ids, requested_by, requested_at)
       values (:refreshId, :caseId, 'processing', :stages, :uploadIds, :runIds, :requestedBy, :requestedAt)`,
      {
        refreshId: event.refreshId,
        caseId,
        stages: event.stages,
        uploadIds: event.uploadIds,
        runIds: event.runs.map(({ runId }) => runId),
        requestedBy: JSON.stringify(event.requestedBy),
        requestedAt: event.requestedAt,
      },
    ),
  );
}

async function finishRefresh(
  client: PoolClient,
  refreshId: string,
  status: 'completed' | 'failed',
  at: string,
  failure: object | null,
): Promise<void> {
  await client.query(
    'update refresh_view set status = $2, finished_at = $3, failure = $4 where id = $1',
    [refreshId, status, at, failure && JSON.stringify(failure)],
  );
}

interface RefreshedRun {
  id: string;
  upload_id: string;
  stage: Stage;
  document_type: DocumentType | null;
}

async function replaceResults(
  client: PoolClient,
  caseId: string,
  { refreshId, completedAt: at }: DomainEventOf<'RefreshCompleted'>,
): Promise<void> {
  const { rows } = await client.query<RefreshedRun>(
    `with fresh as (
       update run_view set current = true
       where id = any(array(select unnest(run_ids) from refresh_view where id = $1))
       returning id, upload_id, stage, document_type),
     old as (
       update run_view r set current = false from fresh f
       where r.upload_id = f.upload_id and r.stage = f.stage and r.current and r.id <> f.id)
     select id, upload_id, stage, document_type from fresh order by upload_id, stage`,
    [refreshId],
  );
  for (const row of rows) {
    await applyResult(client, {
      caseId,
      uploadId: row.upload_id,
      runId: row.id,
      stage: row.stage,
      documentType: row.document_type,
      at,
    });
  }
}
