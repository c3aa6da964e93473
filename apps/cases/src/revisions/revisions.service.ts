import type { Principal } from '@casewire/auth';
import type { CaseView, ReviseCase, ReviseDocument } from '@casewire/contracts';
import { notFound } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { ActionContext, CaseActions } from '../actions/case-actions.ts';
import { execute } from '../case/case-repository.ts';
import { caseView } from '../reading/case-view.query.ts';
import { moveExternalId } from '../submission/external-id.ts';
import {
  type CaseData,
  lockCaseData,
  replaceCaseData,
  saveCaseRevision,
  saveCorrections,
} from './revision.query.ts';

/** Corrections of documents and of cases. Every version is kept, with who made it, when and why. */
export class RevisionsService {
  constructor(
    private readonly actions: CaseActions,
    private readonly digestKey: Uint8Array,
  ) {}

  /** Corrects fields of a document. @throws ApiError 404; 409 if the document has no extraction */
  reviseDocument(
    principal: Principal,
    caseId: string,
    uploadId: string,
    { fields, reason }: ReviseDocument,
    key: string | undefined,
  ): Promise<CaseView> {
    const route = `POST cases/${caseId}/uploads/${uploadId}/revisions`;
    const request = { key, route, body: { fields, reason } };
    return this.actions.runOn(principal, caseId, request, async (client, context) => {
      await findUpload(client, caseId, uploadId);
      const correction = { uploadId, fields: fields.map(({ name }) => name) };
      const command = { type: 'ReviseDocument', correction, ...context } as const;
      const events = await execute(client, caseId, command);
      await saveCorrections(client, caseId, events, [{ uploadId, fields }], reason);
      return (await caseView(client, principal, caseId))!;
    });
  }

  /** Corrects the case's own data. @throws ApiError 404; 409 if another case has the external id */
  reviseCase(
    principal: Principal,
    caseId: string,
    command: ReviseCase,
    key: string | undefined,
  ): Promise<CaseView> {
    const request = { key, route: `POST cases/${caseId}/revisions`, body: command };
    return this.actions.runOn(principal, caseId, request, async (client, context) => {
      await this.replaceData(client, principal, caseId, command, context);
      return (await caseView(client, principal, caseId))!;
    });
  }

  private async replaceData(
    client: PoolClient,
    principal: Principal,
    caseId: string,
    { reason, ...changes }: ReviseCase,
    context: ActionContext,
  ): Promise<void> {
    const fields = Object.keys(changes);
    const events = await execute(client, caseId, { type: 'ReviseCase', fields, ...context });
    const revised = events.find((event) => event.type === 'CaseRevised')!;
    const before = await lockCaseData(client, caseId);
    const data = changed(before, changes);
    if (data.externalId !== before.externalId && data.externalId !== null)
      await moveExternalId(
        client,
        principal,
        caseId,
        { from: before.externalId, to: data.externalId },
        this.digestKey,
      );
    await saveCaseRevision(client, caseId, {
      number: revised.revision - 1,
      data: before,
      reason: null,
    });
    await saveCaseRevision(client, caseId, { number: revised.revision, data, reason });
    await replaceCaseData(client, caseId, data);
  }
}

const changed = (
  before: CaseData,
  { externalId, reference, metadata }: Omit<ReviseCase, 'reason'>,
): CaseData => ({
  externalId: externalId ?? before.externalId,
  reference: reference === undefined ? before.reference : reference,
  metadata: metadata ?? before.metadata,
});

/** @throws ApiError 404 */
async function findUpload(client: PoolClient, caseId: string, uploadId: string): Promise<void> {
  const { rowCount } = await client.query(
    'select from upload_view where id = $1 and case_id = $2',
    [uploadId, caseId],
  );
  if (rowCount === 0) throw notFound('upload');
}
