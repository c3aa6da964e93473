import type { Projection } from '@casewire/event-sourcing';
import type { PoolClient } from 'pg';

import type { CaseFact, FactOf } from './case-fact.ts';

/** The read model that the API answers from, kept from a case's facts. */
export const caseViewProjection: Projection<CaseFact> = {
  async apply(client, facts) {
    for (const { streamId, version, event: fact } of facts)
      await applyOne(client, streamId, version, fact);
  },
  async clear(client) {
    await client.query('truncate case_view, upload_view, run_view');
  },
};

async function applyOne(
  client: PoolClient,
  caseId: string,
  version: number,
  fact: CaseFact,
): Promise<void> {
  switch (fact.type) {
    case 'CaseSubmitted':
      return insertCase(client, caseId, fact);
    case 'UploadReceived':
      return insertUpload(client, caseId, version, fact);
    case 'StageRequested':
      return insertRun(client, caseId, fact);
    case 'StageCompleted':
      return finishRun(client, fact.runId, 'completed', fact.finishedAt, fact.result, null);
    case 'StageFailed':
      return finishRun(client, fact.runId, 'failed', fact.finishedAt, null, fact.failure);
    case 'CaseCompleted':
      await client.query(
        `update case_view set status = 'completed', result = $2, completed_at = $3 where id = $1`,
        [caseId, fact.result, fact.completedAt],
      );
      return;
    case 'CaseDeleted':
      await client.query(`update case_view set status = 'deleted' where id = $1`, [caseId]);
      return;
    case 'LateOutcomeReceived':
  }
}

async function insertCase(
  client: PoolClient,
  caseId: string,
  fact: FactOf<'CaseSubmitted'>,
): Promise<void> {
  await client.query(
    `insert into case_view (id, organization_id, environment, status, submitted_at)
     values ($1, $2, $3, 'processing', $4)`,
    [caseId, fact.organizationId, fact.environment, fact.submittedAt],
  );
}

async function insertUpload(
  client: PoolClient,
  caseId: string,
  version: number,
  fact: FactOf<'UploadReceived'>,
): Promise<void> {
  await client.query(
    `insert into upload_view (id, case_id, position, document, classify, features, received_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      fact.uploadId,
      caseId,
      version,
      JSON.stringify(fact.document),
      fact.classify,
      fact.features,
      fact.receivedAt,
    ],
  );
  await client.query(
    `update case_view set status = 'processing', result = null, completed_at = null where id = $1`,
    [caseId],
  );
}

async function insertRun(
  client: PoolClient,
  caseId: string,
  fact: FactOf<'StageRequested'>,
): Promise<void> {
  await client.query(
    `insert into run_view (id, case_id, upload_id, stage, run, status, deadline)
     values ($1, $2, $3, $4, $5, 'processing', $6)`,
    [fact.runId, caseId, fact.uploadId, fact.stage, fact.run, fact.deadline],
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
