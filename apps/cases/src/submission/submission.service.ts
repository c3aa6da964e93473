import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';

import { Sealer, type Principal } from '@casewire/auth';
import type { BlobStore } from '@casewire/blobs';
import type { CaseView, IgnoredFile, SubmitCase } from '@casewire/contracts';
import {
  checkCallableUrl,
  fingerprint,
  idempotent,
  inTransaction,
  invalid,
  saveResponseSubject,
  ApiError,
} from '@casewire/service';
import { crashPoint, type Logger } from '@casewire/telemetry';
import type { Request } from 'express';
import type { Pool } from 'pg';

import type { SubmitUploads } from '../case/case-command.ts';
import { execute } from '../case/case-repository.ts';
import { CommandRefused } from '../case/refusals.ts';
import type { CasesConfig } from '../config.ts';
import {
  cancelDeletion,
  expediteDeletion,
  scheduleDeletion,
} from '../erasure/pending-blob-deletion.ts';
import type { OrganizationSettings } from '../organization-settings.ts';
import { caseView } from '../reading/case-view.query.ts';
import { caseForExternalId } from './external-id.ts';
import { checkProvisioned, optionsPerFile, type FileOptions } from './file-options.ts';
import { documentsOf } from './form-documents.ts';
import { inspectDocuments, type InspectedDocument } from './inspect-documents.ts';
import { emptyForm, receiveForm, type ReceivedForm } from './multipart.ts';
import { savePrivateData } from './private-data.query.ts';
import type { ReceivedFile } from './received-file.ts';
import { steeringOf } from './steering.ts';
import { parseFields } from './submission-fields.ts';
import { TemporaryFiles } from './temporary-files.ts';

/** Publishes the events of a case soon after it is woken. */
export interface Wakeable {
  wake(): void;
}

/** A submission whose documents can be read, before it is stored. */
interface AcceptedSubmission {
  fields: SubmitCase;
  /** The files of the form as they were received, archives among them. */
  files: readonly ReceivedFile[];
  options: readonly FileOptions[];
  documents: readonly InspectedDocument[];
  ignored: readonly IgnoredFile[];
  key: string | undefined;
}

export class SubmissionService {
  constructor(
    private readonly pool: Pool,
    private readonly blobs: BlobStore,
    private readonly sealer: Sealer,
    private readonly relay: Wakeable,
    private readonly config: CasesConfig & { incomingFolder: string },
    private readonly settings: OrganizationSettings,
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  /**
   * Submits documents as a case: receives and inspects the files, stores them, and appends the domain events. When it
   * resolves everything is stored; when it throws nothing is.
   */
  async submit(
    principal: Principal,
    request: Request,
    key: string | undefined,
    correlationId: string | undefined,
  ): Promise<CaseView> {
    const form: ReceivedForm = emptyForm();
    const temporary = new TemporaryFiles(this.config.incomingFolder);
    try {
      await receiveForm(request, this.config.incomingFolder, form, (texts) =>
        checkGiven(principal, parseFields(texts, correlationId)),
      );
      const fields = parseFields(form.fields, correlationId);
      checkProvisioned(fields, principal.organization.features);
      const { files } = form;
      if (files.length === 0)
        throw invalid([{ field: 'files', rule: 'must contain at least one file' }]);
      const options = optionsPerFile(fields, files.length);
      const { organizationId } = principal;
      const { documents, ignored } = await documentsOf(files, { temporary, organizationId });
      const inspected = await inspectDocuments(organizationId, documents);
      const accepted = { fields, files, options, documents: inspected, ignored, key };
      return await this.save(principal, accepted);
    } finally {
      await Promise.all(form.files.map(({ path }) => rm(path, { force: true })));
      await temporary.removeAll();
    }
  }

  private async save(principal: Principal, submission: AcceptedSubmission): Promise<CaseView> {
    const keys = submission.documents.map(({ document }) => document.key);
    try {
      await this.store(submission.documents);
      crashPoint('cases.blobs-stored');
      const view = await this.append(principal, submission);
      crashPoint('cases.appended');
      this.relay.wake();
      this.report(principal, view, keys.length);
      return view;
    } finally {
      // Blobs that no case refers to, because storing or appending failed or the request was repeated, are deleted now.
      await expediteDeletion(this.pool, keys);
    }
  }

  private report(
    { organizationId, environment }: Principal,
    view: CaseView,
    uploads: number,
  ): void {
    const { id: caseId, correlationId } = view;
    this.logger.info({
      event: 'case.submitted',
      organizationId,
      environment,
      caseId,
      ...(correlationId !== null && { correlationId }),
      uploads,
    });
  }

  /** Stores the blobs before the append. Until that commits they are scheduled for deletion, so that a crash in between leaves none. */
  private async store(documents: readonly InspectedDocument[]): Promise<void> {
    await scheduleDeletion(
      this.pool,
      documents.map(({ document }) => document.key),
      '1 hour',
    );
    for (const { document, path } of documents) await this.blobs.putFile(document.key, path);
  }

  private append(principal: Principal, submission: AcceptedSubmission): Promise<CaseView> {
    const { organizationId, environment } = principal;
    const { fields, files, documents, ignored, key } = submission;
    const requestFingerprint = fingerprint(
      'POST cases',
      JSON.stringify(fields),
      ...files.flatMap(({ name, sha256 }) => [name, sha256]),
    );
    const caller = `${organizationId}/${environment}`;
    return inTransaction(this.pool, (client) =>
      idempotent(
        client,
        { caller, key, fingerprint: requestFingerprint },
        this.sealer,
        async () => {
          const caseId = await caseForExternalId(client, principal, fields.externalId, {
            digestKey: this.config.SEALING_KEY,
            newId: randomUUID(),
          });
          await saveResponseSubject(client, { caller, key }, caseId);
          await execute(client, caseId, this.commandFor(principal, submission)).catch(
            (error: unknown) => {
              throw error instanceof CommandRefused ? endedCase(error) : error;
            },
          );
          await savePrivateData(client, caseId, fields, { uploads: documents, ignored });
          await cancelDeletion(
            client,
            documents.map(({ document }) => document.key),
          );
          return (await caseView(client, principal, caseId))!;
        },
      ),
    );
  }

  private commandFor(
    { organizationId, environment }: Principal,
    { fields, options, documents }: AcceptedSubmission,
  ): SubmitUploads {
    return {
      type: 'SubmitUploads',
      organizationId,
      environment,
      verification: null,
      uploads: documents.map(({ uploadId, document, file, name }) => {
        const steering = steeringOf(name, environment);
        const { targetLanguage } = fields;
        return {
          uploadId,
          document,
          ...options[file]!,
          targetLanguage,
          ...(steering && { simulate: steering }),
        };
      }),
      now: this.now(),
      settings: this.settings.of(organizationId),
    };
  }
}

/**
 * Checks the fields that have arrived when the first file begins; `features` may follow the files.
 * @throws ApiError for a feature that the organization is not provisioned for, or a callback URL that it may not use
 */
function checkGiven({ organization }: Principal, fields: SubmitCase): void {
  if (fields.features) checkProvisioned(fields, organization.features);
  if (fields.callbackUrl !== undefined)
    checkCallableUrl('callbackUrl', fields.callbackUrl, organization.egress);
}

/** The case with the externalId was deleted or canceled. */
const endedCase = ({ code }: CommandRefused) => {
  const state = code === 'CASE_DELETED' ? 'deleted' : 'canceled';
  const detail = `the case with this externalId was ${state}: it accepts no more uploads`;
  return new ApiError(409, code, detail, [
    { field: 'externalId', rule: `belongs to a ${state} case` },
  ]);
};
