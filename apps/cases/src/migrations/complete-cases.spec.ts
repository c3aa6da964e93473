import { randomUUID } from 'node:crypto';

import { Sealer, type Principal } from '@casewire/auth';
import { openBlobStore, type BlobStore } from '@casewire/blobs';
import type { Stage, StageFacts } from '@casewire/contracts';
import { rebuild } from '@casewire/event-sourcing';
import { inTransaction, migrate } from '@casewire/service';
import { testDatabase, testFolder, type TestDatabase } from '@casewire/testing';
import { beforeAll, beforeEach, expect, test } from 'vitest';

import { soundFacts } from '../../test/case-trial.ts';
import { FirstVersionCase } from '../../test/first-version.ts';
import { settings } from '../../test/stored-case.ts';
import { CaseActions } from '../actions/case-actions.ts';
import { execute } from '../case/case-repository.ts';
import { caseViewProjection } from '../case/case-view.projection.ts';
import { runIdOf } from '../case/decision.ts';
import { LifecycleService } from '../lifecycle/lifecycle.service.ts';
import { OrganizationSettings } from '../organization-settings.ts';
import { recordsOf } from '../outbox/case-records.ts';
import { contextsOf } from '../outbox/case-relay.ts';
import { ProgressService } from '../progress/progress.service.ts';
import { ReadingService } from '../reading/reading.service.ts';
import { ResultsService } from '../reading/results.service.ts';
import { RevisionsService } from '../revisions/revisions.service.ts';
import { migrations } from './index.ts';

const folder = testFolder('first-version');
const sealingKey = Buffer.alloc(32, 1);
const now = new Date('2026-01-02T10:00:00.000Z');
const relay = { wake: () => undefined };
const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

let database: TestDatabase;
let blobs: BlobStore;
let completed: FirstVersionCase;
let processing: FirstVersionCase;
let deleted: FirstVersionCase;
let services: ReturnType<typeof servicesOf>;

function servicesOf() {
  const { pool } = database;
  const organizations = { get: () => undefined };
  const organizationSettings = new OrganizationSettings(settings.rules, 60_000, organizations);
  const actions = new CaseActions(
    pool,
    new Sealer(sealingKey),
    relay,
    organizationSettings,
    () => now,
  );
  return {
    reading: new ReadingService(pool, sealingKey),
    results: new ResultsService(pool, blobs),
    lifecycle: new LifecycleService(actions),
    revisions: new RevisionsService(actions, sealingKey),
    progress: new ProgressService(pool, relay, organizationSettings, () => now, logger),
  };
}

beforeAll(() => {
  blobs = openBlobStore(folder);
});
beforeEach(async () => {
  database = await testDatabase();
  await FirstVersionCase.createTables(database);
  const upload = { features: ['extraction' as const, 'forensics' as const], targetLanguage: 'es' };
  completed = await FirstVersionCase.store(database, upload);
  for (const stage of ['classification', 'extraction', 'forensics'] as const)
    await completed.complete(stage);
  await completed.completeCase();
  processing = await FirstVersionCase.store(database, upload);
  for (const stage of ['classification', 'extraction'] as const) await processing.complete(stage);
  deleted = await FirstVersionCase.store(database, upload);
  await deleted.delete();
  await migrate(database.url, migrations);
  services = servicesOf();
  return () => database.drop();
});

const principalOf = ({ tenant }: FirstVersionCase) =>
  ({ ...tenant, keyId: 'key', keyName: 'Back office' }) as Principal;

const finish = (one: FirstVersionCase, stage: Stage, facts?: StageFacts, run = 1) =>
  services.progress.record({
    type: 'StageFinished',
    runId: runIdOf(one.uploadId, stage, run),
    stage,
    organizationId: one.organizationId,
    caseId: one.id,
    uploadId: one.uploadId,
    finishedAt: now.toISOString(),
    starts: 1,
    status: 'completed',
    result: one.resultOf(stage, run),
    documentType: stage === 'classification' ? 'passport' : null,
    ...(facts && { facts }),
  });

/** How the stored read model differs from a rebuilt one. */
const differences = async () =>
  (await rebuild(database.pool, caseViewProjection, { replace: false })).differences;

test('the migration gives stored cases the rows and values that follow from their domain events', async () => {
  expect(await differences()).toEqual([]);
});

test('cases of the first version are read as before, and a deleted one is not', async () => {
  const { reading } = services;
  expect(await reading.get(completed.tenant, completed.id)).toMatchObject({
    status: 'completed',
    result: 'succeeded',
    decision: null,
    openReviewId: null,
    revision: 1,
    uploads: [
      {
        targetLanguage: 'es',
        documentType: 'passport',
        assessment: null,
        extractionVersion: 1,
        stages: [{ run: 1 }, { status: 'completed' }, { status: 'completed' }],
      },
    ],
  });
  expect(await reading.get(processing.tenant, processing.id)).toMatchObject({
    status: 'processing',
  });
  await expect(reading.get(deleted.tenant, deleted.id)).rejects.toMatchObject({ status: 404 });
  expect(await differences()).toEqual([]);
});

test('a case of the first version that is under way completes once, without a verdict where a result has no facts', async () => {
  await finish(processing, 'forensics', soundFacts.forensics);
  const view = await services.reading.get(processing.tenant, processing.id);
  expect(view).toMatchObject({ status: 'completed', result: 'succeeded' });
  expect(view.uploads[0]!.assessment).toBeNull();
  expect(await differences()).toEqual([]);
});

test('further documents are submitted to a case of the first version', async () => {
  const { id, tenant } = completed;
  const uploadId = randomUUID();
  const document = {
    key: `uploads/${uploadId}`,
    sha256: 'c'.repeat(64),
    size: 10,
    mediaType: 'application/pdf' as const,
    pages: 1,
  };
  const upload = { uploadId, document, classify: false, targetLanguage: 'en' };
  await inTransaction(database.pool, (client) =>
    execute(client, id, {
      type: 'SubmitUploads',
      verification: null,
      ...tenant,
      uploads: [{ ...upload, features: ['translation'] }],
      now,
      settings,
    }),
  );
  expect(await services.reading.get(tenant, id)).toMatchObject({
    status: 'processing',
    uploads: [{ targetLanguage: 'es' }, { id: uploadId, targetLanguage: 'en' }],
  });
  expect(await differences()).toEqual([]);
});

test('a case of the first version is refreshed: its extraction has a second version, and its document gets a verdict', async () => {
  const principal = principalOf(completed);
  const { id, uploadId, tenant } = completed;
  const all = { stages: null, uploadIds: null };
  await services.lifecycle.refresh(principal, id, all, undefined);
  for (const stage of ['classification', 'extraction', 'forensics'] as const)
    await finish(completed, stage, soundFacts[stage], 2);
  const view = await services.reading.get(tenant, id);
  expect(view).toMatchObject({ status: 'completed', uploads: [{ extractionVersion: 2 }] });
  expect(view.uploads[0]!.assessment).toMatchObject({ number: 1, verdict: 'verified' });
  for (const run of [1, 2])
    await blobs.put(completed.resultOf('extraction', run).key, Buffer.from(`{"run":${run}}`));
  for (const version of [1, 2])
    expect(await services.results.getExtraction(tenant, id, version)).toMatchObject({
      uploads: [{ uploadId, version, run: version, result: { run: version } }],
    });
  expect(await differences()).toEqual([]);
});

test('a refresh of one stage gives no verdict where the other stage of the first version has no facts', async () => {
  const selection = { stages: ['extraction' as const], uploadIds: null };
  await services.lifecycle.refresh(principalOf(completed), completed.id, selection, undefined);
  await finish(completed, 'extraction', soundFacts.extraction, 2);
  const view = await services.reading.get(completed.tenant, completed.id);
  expect(view.uploads[0]).toMatchObject({ extractionVersion: 2, assessment: null });
});

test('a document of the first version is corrected: both versions are kept', async () => {
  const { id, uploadId, tenant } = completed;
  const field = { name: 'surname', value: 'García' };
  const correction = { fields: [field], reason: 'a typo' };
  await services.revisions.reviseDocument(
    principalOf(completed),
    id,
    uploadId,
    correction,
    undefined,
  );
  const extraction = { documentType: 'passport', fields: [], rows: [] };
  await blobs.put(completed.resultOf('extraction').key, Buffer.from(JSON.stringify(extraction)));
  const versionOf = async (version: number) =>
    (await services.results.getExtraction(tenant, id, version)).uploads[0]!.result;
  expect(await versionOf(1)).toMatchObject({ fields: [] });
  expect(await versionOf(2)).toMatchObject({ fields: [field] });
  expect(await differences()).toEqual([]);
});

test('domain events of the first version that were not published yet are published', async () => {
  const { rows } = await database.pool.query(
    'select seq, stream_id, version, data from domain_event where stream_id = $1 order by version',
    [completed.id],
  );
  const contexts = await contextsOf(database.pool, [completed.id]);
  const types = rows
    .flatMap(({ seq, stream_id: streamId, version, data: event }) =>
      recordsOf(
        { seq: BigInt(seq), streamId, version, event, traceparent: null },
        contexts.get(streamId)!,
      ),
    )
    .map(({ topic, headers }) => headers?.ce_type ?? topic);
  expect(types).toEqual([
    'case.submitted',
    'upload.received',
    'classification.requests',
    'case.classification.completed',
    'extraction.requests',
    'forensics.requests',
    'case.extraction.completed',
    'case.forensics.completed',
    'case.completed',
  ]);
});
