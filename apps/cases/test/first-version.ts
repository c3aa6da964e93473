import { randomUUID } from 'node:crypto';

import type { Feature, Stage } from '@casewire/contracts';
import { migrate } from '@casewire/service';
import type { TestDatabase } from '@casewire/testing';

import { runIdOf } from '../src/case/decision.ts';
import { CreateCases1764600000000 } from '../src/migrations/1764600000000-create-cases.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 10, 0, seconds)).toISOString();

export interface FirstVersionUpload {
  features: Feature[];
  targetLanguage: string;
}

/** A case as the first version stored it: its domain events had no facts, and its tables fewer columns. */
export class FirstVersionCase {
  readonly id = randomUUID();
  readonly uploadId = randomUUID();
  readonly organizationId = randomUUID();
  private version = 0;

  private constructor(
    private readonly database: TestDatabase,
    private readonly upload: FirstVersionUpload,
  ) {}

  /** Creates the tables as the first version had them. */
  static async createTables({ url, pool }: TestDatabase): Promise<void> {
    await migrate(url, [CreateCases1764600000000]);
    await pool.query('alter table domain_event drop column publish_after');
  }

  /** Stores a case with one upload, whose classification is requested. */
  static async store(
    database: TestDatabase,
    upload: FirstVersionUpload,
  ): Promise<FirstVersionCase> {
    const stored = new FirstVersionCase(database, upload);
    await stored.submitted();
    return stored;
  }

  get tenant() {
    return { organizationId: this.organizationId, environment: 'sandbox' as const };
  }

  resultOf(stage: Stage, run = 1) {
    const key = `results/${this.organizationId}/${runIdOf(this.uploadId, stage, run)}/result.json`;
    return { key, sha256: 'b'.repeat(64), size: 1 };
  }

  /** A completed run, and the requests of the features after the classification. */
  async complete(stage: Stage): Promise<void> {
    const result = this.resultOf(stage);
    const runId = runIdOf(this.uploadId, stage, 1);
    await this.append({
      type: 'StageCompleted',
      runId,
      uploadId: this.uploadId,
      stage,
      result,
      documentType: stage === 'classification' ? 'passport' : null,
      finishedAt: at(this.version),
    });
    await this.query(
      `update run_view set status = 'completed', finished_at = $2, result = $3 where id = $1`,
      [runId, at(this.version - 1), JSON.stringify(result)],
    );
    if (stage !== 'classification') return;
    for (const feature of this.upload.features) await this.request(feature, 'passport');
  }

  async completeCase(): Promise<void> {
    const completedAt = at(this.version);
    await this.append({ type: 'CaseCompleted', result: 'succeeded', again: false, completedAt });
    await this.query(
      `update case_view set status = 'completed', result = 'succeeded', completed_at = $2 where id = $1`,
      [this.id, completedAt],
    );
  }

  async delete(): Promise<void> {
    await this.append({ type: 'CaseDeleted', deletedAt: at(this.version) });
    await this.query(`update case_view set status = 'deleted' where id = $1`, [this.id]);
    await this.query('delete from case_private where case_id = $1', [this.id]);
    await this.query('delete from upload_private where case_id = $1', [this.id]);
  }

  private async submitted(): Promise<void> {
    const { id, uploadId, organizationId, upload } = this;
    const { features, targetLanguage } = upload;
    const document = {
      key: `uploads/${uploadId}`,
      sha256: 'a'.repeat(64),
      size: 10,
      mediaType: 'application/pdf',
      pages: 1,
    };
    await this.query('insert into stream (id, version) values ($1, 0)', [id]);
    await this.append({
      type: 'CaseSubmitted',
      organizationId,
      environment: 'sandbox',
      submittedAt: at(0),
      uploadIds: [uploadId],
      stages: ['classification', ...features],
    });
    await this.query(
      `insert into case_view (id, organization_id, environment, status, submitted_at)
       values ($1, $2, 'sandbox', 'processing', $3)`,
      [id, organizationId, at(0)],
    );
    await this.append({
      type: 'UploadReceived',
      uploadId,
      document,
      classify: true,
      features,
      targetLanguage,
      receivedAt: at(0),
    });
    await this.query(
      `insert into upload_view (id, case_id, position, document, classify, features, received_at)
       values ($1, $2, $3, $4, true, $5, $6)`,
      [uploadId, id, this.version, JSON.stringify(document), features, at(0)],
    );
    await this.query(
      `insert into case_private (case_id, external_id, metadata) values ($1, 'applicant-1', '{}')`,
      [id],
    );
    await this.query(
      `insert into upload_private (upload_id, case_id, file_name) values ($1, $2, 'passport.pdf')`,
      [uploadId, id],
    );
    await this.request('classification', null);
  }

  private async request(stage: Stage, documentType: string | null): Promise<void> {
    const runId = runIdOf(this.uploadId, stage, 1);
    const deadline = at(3600);
    await this.append({
      type: 'StageRequested',
      runId,
      uploadId: this.uploadId,
      stage,
      run: 1,
      documentType,
      requestedAt: at(this.version),
      deadline,
    });
    await this.query(
      `insert into run_view (id, case_id, upload_id, stage, run, status, deadline)
       values ($1, $2, $3, $4, 1, 'processing', $5)`,
      [runId, this.id, this.uploadId, stage, deadline],
    );
  }

  private async append(event: { type: string } & Record<string, unknown>): Promise<void> {
    this.version++;
    await this.query(
      `insert into domain_event (stream_id, version, type, data, shard, published)
       values ($1, $2, $3, $4, 0, true)`,
      [this.id, this.version, event.type, JSON.stringify(event)],
    );
    await this.query('update stream set version = $2 where id = $1', [this.id, this.version]);
  }

  private query(sql: string, values: unknown[]) {
    return this.database.pool.query(sql, values);
  }
}
