import { randomUUID } from 'node:crypto';

import type { BlobStore } from '@casewire/blobs';
import type { Actor, CorrectedField, Feature, Stage, StageResult } from '@casewire/contracts';
import { inTransaction } from '@casewire/service';
import type { Pool } from 'pg';

import { readRuleSet } from '../src/assessment/read-rule-set.ts';
import type { CaseCommand, DecisionSettings, SubmitUploads } from '../src/case/case-command.ts';
import type { StoredDocument } from '../src/case/case-domain-event.ts';
import { execute } from '../src/case/case-repository.ts';
import { runIdOf } from '../src/case/decision.ts';
import type { Tenant } from '../src/reading/case-view.query.ts';
import { savePrivateData } from '../src/submission/private-data.query.ts';
import { soundFacts } from './case-trial.ts';

export const settings: DecisionSettings = {
  stageTimeoutMs: 60_000,
  rules: await readRuleSet(),
  automaticReviews: false,
};

export const reviewer: Actor = { type: 'api_key', id: '0123456789abcdef01', name: 'Ana' };

/** Omits a property of each member of a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A case that is stored with its private data. Each command comes a second after the one before. */
export class StoredCase {
  readonly id = randomUUID();
  readonly tenant: Tenant = { organizationId: randomUUID(), environment: 'sandbox' };
  private seconds = 0;

  constructor(
    private readonly pool: Pool,
    private readonly blobs: BlobStore,
  ) {}

  /** The time of the last command. */
  get time(): Date {
    return new Date(Date.UTC(2026, 0, 1, 10, 0, this.seconds));
  }

  async do(command: Without<CaseCommand, 'now' | 'settings'>): Promise<void> {
    this.seconds++;
    await inTransaction(this.pool, (client) =>
      execute(client, this.id, { ...command, now: this.time, settings } as CaseCommand),
    );
  }

  /** Submits a document, which is not stored as a blob. @returns the id of its upload */
  async submit(
    features: Feature[],
    document: Partial<StoredDocument> & {
      name?: string;
      reference?: string;
      verification?: SubmitUploads['verification'];
    } = {},
  ): Promise<string> {
    const { name = 'passport.pdf', reference = 'link-1', verification = null, ...over } = document;
    const uploadId = randomUUID();
    const stored: StoredDocument = {
      key: `uploads/${uploadId}`,
      sha256: 'a'.repeat(64),
      size: 10,
      mediaType: 'application/pdf',
      pages: 1,
      ...over,
    };
    const upload = { uploadId, document: stored, classify: false, features, targetLanguage: 'en' };
    await this.do({ type: 'SubmitUploads', verification, ...this.tenant, uploads: [upload] });
    await inTransaction(this.pool, (client) =>
      savePrivateData(
        client,
        this.id,
        {
          externalId: 'applicant-1',
          reference,
          metadata: { plan: 'gold' },
          features,
          classify: false,
          targetLanguage: 'en',
        },
        { uploads: [{ uploadId, name, archive: null }], ignored: [] },
      ),
    );
    return uploadId;
  }

  /** Completes a run of a stage with this result. */
  async complete(uploadId: string, stage: Stage, result: unknown, run = 1): Promise<void> {
    const runId = runIdOf(uploadId, stage, run);
    const key = `results/${this.tenant.organizationId}/${runId}/result.json`;
    await this.blobs.put(key, Buffer.from(JSON.stringify(result)));
    const facts = soundFacts[stage];
    await this.record(uploadId, stage, run, {
      status: 'completed',
      result: { key, sha256: 'b'.repeat(64), size: 1 },
      documentType: null,
      ...(facts && { facts }),
    });
  }

  fail(uploadId: string, stage: Stage, run = 1): Promise<void> {
    const failure = { code: 'DOCUMENT_UNREADABLE', detail: 'no' };
    return this.record(uploadId, stage, run, { status: 'failed', failure });
  }

  /** Corrects fields of a document. @param version the version that this leads to */
  async correct(uploadId: string, version: number, fields: CorrectedField[]): Promise<void> {
    const correction = { uploadId, fields: fields.map(({ name }) => name) };
    await this.do({ type: 'ReviseDocument', correction, by: reviewer });
    await this.pool.query(
      `insert into extraction_version_private (upload_id, version, case_id, fields, reason) values ($1, $2, $3, $4, 'typo')`,
      [uploadId, version, this.id, JSON.stringify(fields)],
    );
  }

  /** Changes the external id. @param revision the revision that this leads to; the first one is 2 */
  async revise(revision: number, externalId: string): Promise<void> {
    const copy = (number: number, reason: string | null) =>
      this.pool.query(
        `insert into case_revision_private (case_id, revision, external_id, reference, metadata, reason)
         select case_id, $2, external_id, reference, metadata, $3 from case_private where case_id = $1`,
        [this.id, number, reason],
      );
    if (revision === 2) await copy(1, null);
    await this.pool.query('update case_private set external_id = $2 where case_id = $1', [
      this.id,
      externalId,
    ]);
    await copy(revision, 'renamed');
    await this.do({ type: 'ReviseCase', fields: ['externalId'], by: reviewer });
  }

  private record(
    uploadId: string,
    stage: Stage,
    run: number,
    outcome: Without<
      StageResult,
      | 'type'
      | 'runId'
      | 'stage'
      | 'organizationId'
      | 'caseId'
      | 'uploadId'
      | 'finishedAt'
      | 'starts'
    >,
  ): Promise<void> {
    const result = {
      type: 'StageFinished',
      runId: runIdOf(uploadId, stage, run),
      stage,
      organizationId: this.tenant.organizationId,
      caseId: this.id,
      uploadId,
      finishedAt: this.time.toISOString(),
      starts: 1,
      ...outcome,
    } as StageResult;
    return this.do({ type: 'RecordStageResult', result });
  }
}
