import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';

import { Sealer, type Principal } from '@casewire/auth';
import type { BlobStore } from '@casewire/blobs';
import { submissionLimits, type CaseView } from '@casewire/contracts';
import { inspect, isReaderUnavailable } from '@casewire/reading';
import { DocumentError } from '@casewire/sandbox';
import {
  checkCallableUrl,
  fingerprint,
  idempotent,
  inTransaction,
  invalid,
  ApiError,
} from '@casewire/service';
import { crashPoint, type Logger } from '@casewire/telemetry';
import type { Request } from 'express';
import type { Pool } from 'pg';

import type { SubmitUploads } from '../case/case-command.ts';
import type { StoredDocument } from '../case/case-domain-event.ts';
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
import { emptyForm, receiveForm, type ReceivedForm } from './multipart.ts';
import { savePrivateData } from './private-data.query.ts';
import { checkExtension, type ReceivedFile } from './received-file.ts';
import {
  checkProvisioned,
  classifyPerFile,
  parseFields,
  type SubmissionFields,
} from './submission-fields.ts';

/** Publishes the events of a case soon after it is woken. */
export interface Wakeable {
  wake(): void;
}

interface Inspected extends ReceivedFile {
  uploadId: string;
  document: StoredDocument;
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
    try {
      await receiveForm(request, this.config.incomingFolder, form, (texts) => {
        const { features, callbackUrl } = parseFields(texts, correlationId);
        checkProvisioned(features, principal.organization.features);
        if (callbackUrl !== undefined)
          checkCallableUrl('callbackUrl', callbackUrl, principal.organization.egress);
      });
      const fields = parseFields(form.fields, correlationId);
      if (form.files.length === 0)
        throw invalid([{ field: 'files', rule: 'must contain at least one file' }]);
      const classify = classifyPerFile(fields, form.files.length);
      const files = await this.inspect(principal, form.files);
      return await this.save(principal, fields, classify, files, key);
    } finally {
      await Promise.all(form.files.map(({ path }) => rm(path, { force: true })));
    }
  }

  private async save(
    principal: Principal,
    fields: SubmissionFields,
    classify: boolean[],
    files: Inspected[],
    key: string | undefined,
  ): Promise<CaseView> {
    try {
      await this.store(files);
      crashPoint('cases.blobs-stored');
      const view = await this.append(principal, fields, classify, files, key);
      crashPoint('cases.appended');
      this.relay.wake();
      this.report(principal, view, files.length);
      return view;
    } finally {
      // Blobs that no case refers to, because storing or appending failed or the request was repeated, are deleted now.
      await expediteDeletion(
        this.pool,
        files.map(({ document }) => document.key),
      );
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

  private async inspect(
    { organizationId }: Principal,
    files: ReceivedFile[],
  ): Promise<Inspected[]> {
    const inspected: Inspected[] = [];
    for (const [i, file] of files.entries()) {
      const field = `files.${i}`;
      const { mediaType, pages } = await inspect(file.path, { organizationId }).catch(
        (error: unknown) => {
          throw apiErrorOf(error, field);
        },
      );
      checkExtension(file, mediaType, field);
      const uploadId = randomUUID();
      const { sha256, size } = file;
      const document = {
        key: `uploads/${organizationId}/${uploadId}`,
        sha256,
        size,
        mediaType,
        pages,
      };
      inspected.push({ ...file, uploadId, document });
    }
    return inspected;
  }

  /** Stores the blobs before the append. Until that commits they are scheduled for deletion, so that a crash in between leaves none. */
  private async store(files: Inspected[]): Promise<void> {
    await scheduleDeletion(
      this.pool,
      files.map(({ document }) => document.key),
      '1 hour',
    );
    for (const { document, path } of files) await this.blobs.putFile(document.key, path);
  }

  private append(
    principal: Principal,
    fields: SubmissionFields,
    classify: boolean[],
    files: Inspected[],
    key: string | undefined,
  ): Promise<CaseView> {
    const { organizationId, environment } = principal;
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
            sealingKey: this.config.SEALING_KEY,
            newId: randomUUID(),
          });
          const command: SubmitUploads = {
            type: 'SubmitUploads',
            organizationId,
            environment,
            uploads: files.map(({ uploadId, document }, i) => ({
              uploadId,
              document,
              classify: classify[i]!,
              features: fields.features,
              targetLanguage: fields.targetLanguage,
            })),
            now: this.now(),
            settings: this.settings.of(organizationId),
          };
          await execute(client, caseId, command).catch((error: unknown) => {
            throw error instanceof CommandRefused ? closedCase(error) : error;
          });
          await savePrivateData(client, caseId, fields, files);
          await cancelDeletion(
            client,
            files.map(({ document }) => document.key),
          );
          return (await caseView(client, principal, caseId))!;
        },
      ),
    );
  }
}

/** The case with the externalId was deleted or canceled. */
const closedCase = ({ code }: CommandRefused) => {
  const state = code === 'CASE_DELETED' ? 'deleted' : 'canceled';
  const detail = `the case with this externalId was ${state}: it accepts no more uploads`;
  return new ApiError(409, code, detail, [
    { field: 'externalId', rule: `belongs to a ${state} case` },
  ]);
};

const statusOf: Partial<Record<DocumentError['code'], number>> = { UNSUPPORTED_MEDIA_TYPE: 415 };

function apiErrorOf(error: unknown, field: string): unknown {
  if (isReaderUnavailable(error)) {
    // The file was not inspected: the same request may succeed in a moment.
    const detail = `${field}: the file cannot be inspected now; send the request again`;
    return new ApiError(503, 'UNAVAILABLE', detail, [], { 'retry-after': '5' });
  }
  if (!(error instanceof DocumentError)) return error;
  const limit =
    error.code === 'DOCUMENT_TOO_MANY_PAGES' ? ` (at most ${submissionLimits.pages} pages)` : '';
  return new ApiError(
    statusOf[error.code] ?? 422,
    error.code,
    `${field}: ${error.message}${limit}`,
    [{ field, rule: error.message }],
  );
}
