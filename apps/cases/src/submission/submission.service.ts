import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';

import { Sealer, type Principal } from '@casewire/auth';
import type { BlobStore } from '@casewire/blobs';
import type { CaseView, IgnoredFile, SubmitCase } from '@casewire/contracts';
import { actOnce, checkCallableUrl, fingerprint, invalid, ApiError } from '@casewire/service';
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
import { checkAccepting, lockAccepting } from '../verifications/accepting-verification.ts';
import type { KnownVerifications } from '../verifications/known-verifications.ts';
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
import { isKeyUsed } from './used-key.query.ts';

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
    private readonly verifications: Pick<KnownVerifications, 'find'>,
    private readonly context: { now: () => Date; logger: Logger },
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
    let verified: Promise<void> | undefined;
    try {
      await receiveForm(request, this.config.incomingFolder, form, async (texts) => {
        const given = parseFields(texts, correlationId);
        checkGiven(principal, given);
        const { verificationId } = given;
        if (verificationId === undefined) return;
        verified ??= this.checkVerification(principal, verificationId, key);
        await verified;
      });
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

  /**
   * Checks early that the verification accepts a case. A request that repeats another one is not refused here: it gets the
   * response of the first one, whatever happened to the verification since.
   * @throws ApiError as `checkAccepting`
   */
  private async checkVerification(
    principal: Principal,
    verificationId: string,
    key: string | undefined,
  ): Promise<void> {
    const found = await this.verifications.find(principal, verificationId);
    try {
      checkAccepting(found);
    } catch (error) {
      // A first request that was accepted committed before the change that closed the verification: its key is visible here.
      if (key === undefined || !(await isKeyUsed(this.pool, callerOf(principal), key))) throw error;
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
    this.context.logger.info({
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
    const { fields, files, documents, ignored, key } = submission;
    const requestFingerprint = fingerprint(
      'POST cases',
      JSON.stringify(fields),
      ...files.flatMap(({ name, sha256 }) => [name, sha256]),
    );
    const request = { caller: callerOf(principal), key, fingerprint: requestFingerprint };
    return actOnce(this.pool, request, this.sealer, async (client, isAbout) => {
      // Locked before the external id, which other submissions may wait for.
      const verification = await lockAccepting(client, principal, fields.verificationId);
      const caseId = await caseForExternalId(client, principal, fields.externalId, {
        digestKey: this.config.SEALING_KEY,
        newId: randomUUID(),
      });
      await isAbout(caseId);
      const command = { ...this.commandFor(principal, submission), verification };
      await execute(client, caseId, command).catch((error: unknown) => {
        throw error instanceof CommandRefused ? refusedCase(error) : error;
      });
      await savePrivateData(client, caseId, fields, { uploads: documents, ignored });
      await cancelDeletion(
        client,
        documents.map(({ document }) => document.key),
      );
      return (await caseView(client, principal, caseId))!;
    });
  }

  private commandFor(
    { organizationId, environment }: Principal,
    { fields, options, documents }: AcceptedSubmission,
  ): Omit<SubmitUploads, 'verification'> {
    return {
      type: 'SubmitUploads',
      organizationId,
      environment,
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
      now: this.context.now(),
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

/** The namespace of a tenant's Idempotency-Keys. */
const callerOf = ({ organizationId, environment }: Principal): string =>
  `${organizationId}/${environment}`;

/** The case with the externalId was deleted or canceled, or it was not submitted for the verification. */
const refusedCase = ({ code, message }: CommandRefused) => {
  if (code === 'CASE_OF_ANOTHER_VERIFICATION') {
    const rule = 'must be the verification for which the case with this externalId was submitted';
    return new ApiError(409, code, message, [{ field: 'verificationId', rule }]);
  }
  const state = code === 'CASE_DELETED' ? 'deleted' : 'canceled';
  const detail = `the case with this externalId was ${state}: it accepts no more uploads`;
  return new ApiError(409, code, detail, [
    { field: 'externalId', rule: `belongs to a ${state} case` },
  ]);
};
