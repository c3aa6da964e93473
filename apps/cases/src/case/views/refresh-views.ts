import type { DocumentType, Stage } from '@casewire/contracts';
import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { DomainEventOf } from '../case-domain-event.ts';
import { applyResult } from './run-views.ts';
import type { ViewHandlers } from './view-handlers.ts';

/** The rows of refreshes. A completed one makes its runs the current ones. */
export const refreshViews: ViewHandlers = {
  RefreshRequested: ({ client, caseId, event }) => insertRefresh(client, caseId, event),
  RefreshCompleted: async ({ client, caseId, event }) => {
    await finishRefresh(client, event.refreshId, 'completed', event.completedAt, null);
    await replaceResults(client, caseId, event);
  },
  RefreshFailed: async ({ client, caseId, event }) => {
    await finishRefresh(client, event.refreshId, 'failed', event.failedAt, event.failure);
    await dropRuns(client, caseId);
  },
  CaseCanceled: ({ client, caseId, event }) => endRefresh(client, caseId, event.canceledAt),
  CaseDeleted: ({ client, caseId, event }) => endRefresh(client, caseId, event.deletedAt),
};

/** A refresh ends with its case; its runs are canceled with all runs of the case. */
async function endRefresh(client: PoolClient, caseId: string, at: string): Promise<void> {
  await client.query(
    `update refresh_view set status = 'failed', finished_at = $2 where case_id = $1 and status = 'processing'`,
    [caseId, at],
  );
}

/** The runs of a refresh that failed are not awaited any more. */
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
