import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { DomainEventOf } from '../case-domain-event.ts';
import { decisionOf } from '../review-decision.ts';
import type { ViewHandlers } from './view-handlers.ts';

/** The rows of cases and their uploads. */
export const caseViews: ViewHandlers = {
  CaseSubmitted: ({ client, caseId, event }) => insertCase(client, caseId, event),
  CaseLinked: ({ client, caseId, event }) =>
    update(client, caseId, 'verification_id = $2', [event.verificationId]),
  UploadReceived: async ({ client, caseId, version, event }) => {
    await insertUpload(client, caseId, version, event);
    const open = 'result = null, completed_at = null, action_required = false';
    await update(client, caseId, open);
  },
  CaseCompleted: ({ client, caseId, event: { result, completedAt, decision = null } }) =>
    update(client, caseId, 'result = $2, completed_at = $3, decision = $4', [
      result,
      completedAt,
      decision,
    ]),
  DocumentAssessed: ({ client, event }) =>
    client.query('update upload_view set assessment = $2, assessed_at = $3 where id = $1', [
      event.uploadId,
      JSON.stringify(event.assessment),
      event.assessedAt,
    ]),
  ReviewOpened: ({ client, caseId, event }) =>
    update(client, caseId, 'open_review_id = $2', [event.reviewId]),
  ReviewResolved: ({ client, caseId, event }) => reviewResolved(client, caseId, event),
  ReviewCanceled: ({ client, caseId }) => update(client, caseId, 'open_review_id = null'),
  ActionRequired: ({ client, caseId }) => update(client, caseId, 'action_required = true'),
  ActionClosed: ({ client, caseId }) => update(client, caseId, 'action_required = false'),
  CaseRevised: async ({ client, caseId, event }) => {
    await update(client, caseId, 'revision = $2', [event.revision]);
    await insertRevision(client, caseId, event);
  },
  RefreshCompleted: ({ client, caseId, event }) =>
    update(client, caseId, 'result = case when completed_at is null then null else $2 end', [
      event.result,
    ]),
  CaseCanceled: ({ client, caseId }) =>
    update(client, caseId, `status = 'canceled', action_required = false`),
  CaseDeleted: ({ client, caseId }) => update(client, caseId, `status = 'deleted'`),
};

async function update(
  client: PoolClient,
  caseId: string,
  set: string,
  values: readonly unknown[] = [],
): Promise<void> {
  await client.query(`update case_view set ${set} where id = $1`, [caseId, ...values]);
}

async function insertRevision(
  client: PoolClient,
  caseId: string,
  { revision, revisedBy, revisedAt }: DomainEventOf<'CaseRevised'>,
): Promise<void> {
  await client.query(
    `insert into case_revision_view (case_id, revision, revised_by, created_at) values ($1, $2, $3, $4)`,
    [caseId, revision, JSON.stringify(revisedBy), revisedAt],
  );
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
      `insert into upload_view (id, case_id, position, document, classify, features, target_language, received_at)
       values (:uploadId, :caseId, :position, :document, :classify, :features, :targetLanguage, :receivedAt)`,
      {
        uploadId: event.uploadId,
        caseId,
        position: version,
        document: JSON.stringify(event.document),
        classify: event.classify,
        features: event.features,
        targetLanguage: event.targetLanguage,
        receivedAt: event.receivedAt,
      },
    ),
  );
}

/** The decision of a review stands at once: a completed case shows it without another completion. */
async function reviewResolved(
  client: PoolClient,
  caseId: string,
  { resolution }: DomainEventOf<'ReviewResolved'>,
): Promise<void> {
  await client.query(
    `update case_view set open_review_id = null, decision = coalesce($2, decision) where id = $1`,
    [caseId, decisionOf[resolution]],
  );
}
