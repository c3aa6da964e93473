import { randomUUID } from 'node:crypto';

import type { StageResult } from '@casewire/contracts';
import { rebuild } from '@casewire/event-sourcing';
import { inTransaction, migrate } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { migrations } from '../migrations/index.ts';
import { caseView } from '../reading/case-view.query.ts';
import { execute } from './case-repository.ts';
import { caseViewProjection } from './case-view.projection.ts';
import { runIdOf, type CaseCommand } from './case.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
});
afterAll(() => database.drop());

const tenant = { organizationId: randomUUID(), environment: 'sandbox' as const };
const now = new Date('2026-01-01T10:00:00.000Z');
const run = (caseId: string, command: CaseCommand) =>
  inTransaction(database.pool, (client) => execute(client, caseId, command));

const submission = (uploadId: string): CaseCommand => ({
  type: 'SubmitUploads',
  ...tenant,
  uploads: [
    {
      uploadId,
      document: {
        key: `uploads/${uploadId}`,
        sha256: 'a'.repeat(64),
        size: 1,
        mediaType: 'application/pdf',
        pages: 1,
      },
      classify: true,
      features: ['extraction'],
      targetLanguage: 'en',
    },
  ],
  now,
  stageTimeoutMs: 1000,
});

const finished = (
  caseId: string,
  uploadId: string,
  stage: 'classification' | 'extraction',
  failed = false,
): CaseCommand => {
  const about = {
    type: 'StageFinished' as const,
    runId: runIdOf(uploadId, stage, 1),
    stage,
    organizationId: tenant.organizationId,
    caseId,
    uploadId,
    finishedAt: now.toISOString(),
    starts: 1,
  };
  const result: StageResult = failed
    ? { ...about, status: 'failed', failure: { code: 'DOCUMENT_TYPE_UNKNOWN', detail: 'no' } }
    : {
        ...about,
        status: 'completed',
        result: { key: 'r', sha256: 'b'.repeat(64), size: 1 },
        documentType: null,
      };
  return { type: 'RecordStageResult', result, now, stageTimeoutMs: 1000 };
};

test('a read model that is rebuilt from the domain events equals the existing one', async () => {
  const ids: string[] = [];
  for (const failed of [false, true]) {
    const [caseId, uploadId] = [randomUUID(), randomUUID()];
    ids.push(caseId);
    await run(caseId, submission(uploadId));
    await run(caseId, finished(caseId, uploadId, 'classification'));
    await run(caseId, finished(caseId, uploadId, 'extraction', failed));
    await run(caseId, finished(caseId, uploadId, 'extraction'));
  }
  const open = randomUUID();
  await run(open, submission(randomUUID()));
  await run(ids[0]!, submission(randomUUID()));
  const tables = async () =>
    Promise.all(
      ['case_view', 'upload_view', 'run_view'].map(
        async (table) => (await database.pool.query(`select * from ${table} order by id`)).rows,
      ),
    );
  const existing = await tables();
  await inTransaction(database.pool, (client) => rebuild(client, caseViewProjection, 3));
  expect(await tables()).toEqual(existing);
  expect((await caseView(database.pool, tenant, ids[1]!))?.result).toBe('partially_failed');
  expect((await caseView(database.pool, tenant, ids[0]!))?.status).toBe('processing');
});

test('only the organization of a case can read it, and only in its environment', async () => {
  const caseId = randomUUID();
  await run(caseId, submission(randomUUID()));
  expect(await caseView(database.pool, tenant, caseId)).toBeDefined();
  expect(
    await caseView(database.pool, { ...tenant, environment: 'production' }, caseId),
  ).toBeUndefined();
  expect(
    await caseView(database.pool, { ...tenant, organizationId: randomUUID() }, caseId),
  ).toBeUndefined();
});
