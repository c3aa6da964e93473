import type { BlobReference, DocumentType, Stage } from '@casewire/contracts';
import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { DomainEventOf } from '../case-domain-event.ts';
import type { ViewHandlers } from './view-handlers.ts';

/** The rows of runs, and the versions of extractions. */
export const runViews: ViewHandlers = {
  StageRequested: ({ client, caseId, event }) => insertRun(client, caseId, event),
  StageCompleted: async ({ client, caseId, event }) => {
    await finishRun(client, event, event.result, null);
    await applyResult(client, { caseId, at: event.finishedAt, ...event });
  },
  StageFailed: ({ client, event }) => finishRun(client, event, null, event.failure),
  RefreshRunFailed: ({ client, event }) => finishRun(client, event, null, event.failure),
  RefreshRunCompleted: async ({ client, event }) => {
    await client.query('update run_view set document_type = $2 where id = $1', [
      event.runId,
      event.documentType,
    ]);
    await finishRun(client, event, event.result, null);
  },
  DocumentRevised: ({ client, caseId, event }) => documentRevised(client, caseId, event),
  CaseCanceled: ({ client, caseId }) => cancelRuns(client, caseId),
  CaseDeleted: ({ client, caseId }) => cancelRuns(client, caseId),
  TimeAdvanced: ({ client, caseId, event }) =>
    client.query(
      `update run_view set deadline = deadline - make_interval(secs => $2)
       where case_id = $1 and status = 'processing'`,
      [caseId, event.seconds],
    ),
};

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
export async function applyResult(
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
