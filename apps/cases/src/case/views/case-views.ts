import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { CaseDomainEvent, DomainEventOf } from '../case-domain-event.ts';

/** Updates the rows of a case and its uploads. */
export async function projectCase(
  client: PoolClient,
  caseId: string,
  version: number,
  event: CaseDomainEvent,
): Promise<void> {
  const update = (set: string, ...values: unknown[]) =>
    client.query(`update case_view set ${set} where id = $1`, [caseId, ...values]);
  switch (event.type) {
    case 'CaseSubmitted':
      return insertCase(client, caseId, event);
    case 'UploadReceived':
      await insertUpload(client, caseId, version, event);
      await update('result = null, completed_at = null, action_required = false');
      return;
    case 'CaseCompleted':
      await update(
        'result = $2, completed_at = $3, decision = $4',
        event.result,
        event.completedAt,
        event.decision ?? null,
      );
      return;
    case 'DocumentAssessed':
      await client.query('update upload_view set assessment = $2, assessed_at = $3 where id = $1', [
        event.uploadId,
        JSON.stringify(event.assessment),
        event.assessedAt,
      ]);
      return;
    case 'ReviewOpened':
      await update('open_review_id = $2', event.reviewId);
      return;
    case 'ReviewResolved':
      return reviewResolved(client, caseId, event);
    case 'ReviewCanceled':
      await update('open_review_id = null');
      return;
    case 'ActionRequired':
      await update('action_required = true');
      return;
    case 'ActionClosed':
      await update('action_required = false');
      return;
    case 'CaseRevised':
      await update('revision = $2', event.revision);
      await client.query(
        `insert into case_revision_view (case_id, revision, revised_by, created_at) values ($1, $2, $3, $4)`,
        [caseId, event.revision, JSON.stringify(event.revisedBy), event.revisedAt],
      );
      return;
    case 'RefreshCompleted':
      await client.query(
        'update case_view set result = $2 where id = $1 and completed_at is not null',
        [caseId, event.result],
      );
      return;
    case 'CaseCanceled':
      await update(`status = 'canceled', action_required = false`);
      return;
    case 'CaseDeleted':
      await update(`status = 'deleted'`);
      return;
    default:
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
  const decision = resolution === 'rejected' ? 'rejected' : 'approved';
  await client.query(
    `update case_view set open_review_id = null, decision = coalesce($2, decision) where id = $1`,
    [caseId, resolution === 'more_requested' ? null : decision],
  );
}
