import type { Projection } from '@casewire/event-sourcing';
import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { CaseDomainEvent, DomainEventOf } from './case-domain-event.ts';

/** The read model behind the API, derived from the domain events of cases. */
export const caseViewProjection: Projection<CaseDomainEvent> = {
  async apply(client, events) {
    for (const { streamId, version, event } of events)
      await applyOne(client, streamId, version, event);
  },
  async clear(client) {
    await client.query('truncate case_view, upload_view, run_view');
  },
};

async function applyOne(
  client: PoolClient,
  caseId: string,
  version: number,
  event: CaseDomainEvent,
): Promise<void> {
  switch (event.type) {
    case 'CaseSubmitted':
      return insertCase(client, caseId, event);
    case 'UploadReceived':
      return insertUpload(client, caseId, version, event);
    case 'StageRequested':
      return insertRun(client, caseId, event);
    case 'StageCompleted':
      return finishRun(client, event.runId, 'completed', event.finishedAt, event.result, null);
    case 'StageFailed':
      return finishRun(client, event.runId, 'failed', event.finishedAt, null, event.failure);
    case 'CaseCompleted':
      await client.query(
        `update case_view set status = 'completed', result = $2, completed_at = $3 where id = $1`,
        [caseId, event.result, event.completedAt],
      );
      return;
    case 'CaseDeleted':
      await client.query(`update case_view set status = 'deleted' where id = $1`, [caseId]);
      return;
    case 'LateResultReceived':
  }
}

async function insertCase(
  client: PoolClient,
  caseId: string,
  event: DomainEventOf<'CaseSubmitted'>,
): Promise<void> {
  await client.query(
    `insert into case_view (id, organization_id, environment, status, submitted_at)
     values ($1, $2, $3, 'processing', $4)`,
    [caseId, event.organizationId, event.environment, event.submittedAt],
  );
}

async function insertUpload(
  client: PoolClient,
  caseId: string,
  version: number,
  event: DomainEventOf<'UploadReceived'>,
): Promise<void> {
  await client.query(
    named(
      `insert into upload_view (id, case_id, position, document, classify, features, received_at)
       values (:uploadId, :caseId, :position, :document, :classify, :features, :receivedAt)`,
      {
        uploadId: event.uploadId,
        caseId,
        position: version,
        document: JSON.stringify(event.document),
        classify: event.classify,
        features: event.features,
        receivedAt: event.receivedAt,
      },
    ),
  );
  await client.query(
    `update case_view set status = 'processing', result = null, completed_at = null where id = $1`,
    [caseId],
  );
}

async function insertRun(
  client: PoolClient,
  caseId: string,
  event: DomainEventOf<'StageRequested'>,
): Promise<void> {
  await client.query(
    named(
      `insert into run_view (id, case_id, upload_id, stage, run, status, deadline)
       values (:runId, :caseId, :uploadId, :stage, :run, 'processing', :deadline)`,
      {
        runId: event.runId,
        caseId,
        uploadId: event.uploadId,
        stage: event.stage,
        run: event.run,
        deadline: event.deadline,
      },
    ),
  );
}

async function finishRun(
  client: PoolClient,
  runId: string,
  status: 'completed' | 'failed',
  finishedAt: string,
  result: unknown,
  failure: unknown,
): Promise<void> {
  await client.query(
    `update run_view set status = $2, finished_at = $3, result = $4, failure = $5 where id = $1`,
    [
      runId,
      status,
      finishedAt,
      result && JSON.stringify(result),
      failure && JSON.stringify(failure),
    ],
  );
}
