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

const owner = { organizationId: randomUUID(), environment: 'sandbox' as const };
const now = new Date('2026-01-01T10:00:00.000Z');
const run = (caseId: string, command: CaseCommand) =>
  inTransaction(database.pool, (client) => execute(client, caseId, command));

const submission = (uploadId: string): CaseCommand => ({
  type: 'SubmitUploads',
  ...owner,
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
  patienceMs: 1000,
});

const outcome = (
  caseId: string,
  uploadId: string,
  stage: 'classification' | 'extraction',
  failed = false,
): CaseCommand => {
  const about = {
    type: 'StageFinished' as const,
    runId: runIdOf(uploadId, stage, 1),
    stage,
    organizationId: owner.organizationId,
    caseId,
    uploadId,
    finishedAt: now.toISOString(),
    starts: 1,
  };
  const finished: StageResult = failed
    ? { ...about, status: 'failed', failure: { code: 'DOCUMENT_TYPE_UNKNOWN', detail: 'no' } }
    : {
        ...about,
        status: 'completed',
        result: { key: 'r', sha256: 'b'.repeat(64), size: 1 },
        documentType: null,
      };
  return { type: 'RecordOutcome', outcome: finished, now, patienceMs: 1000 };
};

test('the read model that is made anew from the facts equals the one that was kept', async () => {
  const ids: string[] = [];
  for (const failed of [false, true]) {
    const [caseId, uploadId] = [randomUUID(), randomUUID()];
    ids.push(caseId);
    await run(caseId, submission(uploadId));
    await run(caseId, outcome(caseId, uploadId, 'classification'));
    await run(caseId, outcome(caseId, uploadId, 'extraction', failed));
    await run(caseId, outcome(caseId, uploadId, 'extraction'));
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
  const kept = await tables();
  await inTransaction(database.pool, (client) => rebuild(client, caseViewProjection, 3));
  expect(await tables()).toEqual(kept);
  expect((await caseView(database.pool, owner, ids[1]!))?.result).toBe('partially_failed');
  expect((await caseView(database.pool, owner, ids[0]!))?.status).toBe('processing');
});

test('a case is seen by its own organization in its own environment only', async () => {
  const caseId = randomUUID();
  await run(caseId, submission(randomUUID()));
  expect(await caseView(database.pool, owner, caseId)).toBeDefined();
  expect(
    await caseView(database.pool, { ...owner, environment: 'production' }, caseId),
  ).toBeUndefined();
  expect(
    await caseView(database.pool, { ...owner, organizationId: randomUUID() }, caseId),
  ).toBeUndefined();
});
