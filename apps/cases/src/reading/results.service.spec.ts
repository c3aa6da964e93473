import { openBlobStore, type BlobStore } from '@casewire/blobs';
import { CaseResults, StageResults } from '@casewire/contracts';
import { migrate } from '@casewire/service';
import { testDatabase, testFolder, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { reviewer, StoredCase } from '../../test/stored-case.ts';
import { migrations } from '../migrations/index.ts';
import { ResultsService } from './results.service.ts';

const folder = testFolder('results');
let database: TestDatabase;
let blobs: BlobStore;
let results: ResultsService;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  blobs = openBlobStore(folder);
  results = new ResultsService(database.pool, blobs);
});
afterAll(() => database.drop());

const box = [0.1, 0.2, 0.3, 0.4];
const extraction = (surname: string) => ({
  documentType: 'passport',
  fields: [{ name: 'surname', value: surname, text: surname, confidence: 0.8, page: 1, box }],
  rows: [],
  ocrConfidence: 0.9,
});
const forensics = { verdict: 'pass', findings: [], checks: [] };

const extracted = async (stored: StoredCase, version?: number) => {
  const found = await results.getExtraction(stored.tenant, stored.id, version);
  return StageResults.parse(found).uploads.map((upload) => ({
    uploadId: upload.uploadId,
    version: upload.version,
    run: upload.run,
    surname: (upload.result as ReturnType<typeof extraction> | null)?.fields[0]?.value,
  }));
};

test('every version of an extraction is kept: by its run, with corrections, and by a later run', async () => {
  const stored = new StoredCase(database.pool, blobs);
  const uploadId = await stored.submit(['extraction']);
  expect(await extracted(stored)).toEqual([
    { uploadId, version: null, run: 1, surname: undefined },
  ]);
  await stored.complete(uploadId, 'extraction', extraction('Garcia'));
  await stored.correct(uploadId, 2, [{ name: 'surname', value: 'García' }]);
  await stored.correct(uploadId, 3, [{ name: 'sex', value: 'F' }]);
  await stored.do({
    type: 'RefreshCase',
    refreshId: stored.id,
    selection: { stages: null, uploadIds: null },
    by: reviewer,
  });
  await stored.complete(uploadId, 'extraction', extraction('Gracia'), 2);
  const of = (version: number, run: number, surname: string) => [
    { uploadId, version, run, surname },
  ];
  expect(await extracted(stored, 1)).toEqual(of(1, 1, 'Garcia'));
  expect(await extracted(stored, 2)).toEqual(of(2, 1, 'García'));
  expect(await extracted(stored, 3)).toEqual(of(3, 1, 'García'));
  expect(await extracted(stored, 4)).toEqual(of(4, 2, 'Gracia'));
  expect(await extracted(stored)).toEqual(of(4, 2, 'Gracia'));
});

test('a version that no document has is a 404, and documents without it are left out', async () => {
  const stored = new StoredCase(database.pool, blobs);
  const [first, second] = [
    await stored.submit(['extraction']),
    await stored.submit(['extraction']),
  ];
  await expect(extracted(stored, 1)).rejects.toMatchObject({
    status: 404,
    code: 'VERSION_UNKNOWN',
  });
  await stored.complete(first, 'extraction', extraction('One'));
  await stored.complete(second, 'extraction', extraction('Two'));
  await stored.correct(second, 2, [{ name: 'surname', value: 'Three' }]);
  expect(await extracted(stored, 2)).toMatchObject([{ uploadId: second, surname: 'Three' }]);
  expect((await extracted(stored)).map(({ version }) => version)).toEqual([1, 2]);
});

test('all results of all documents are one answer', async () => {
  const stored = new StoredCase(database.pool, blobs);
  const uploadId = await stored.submit(['extraction', 'forensics', 'translation']);
  await stored.complete(uploadId, 'extraction', extraction('Garcia'));
  await stored.complete(uploadId, 'forensics', forensics);
  await stored.fail(uploadId, 'translation');
  await stored.correct(uploadId, 2, [{ name: 'surname', value: 'García' }]);
  const all = CaseResults.parse(await results.getAll(stored.tenant, stored.id));
  expect(all).toMatchObject({ caseId: stored.id, status: 'completed', decision: null });
  expect(all.uploads).toMatchObject([
    {
      uploadId,
      assessment: { number: 1 },
      stages: {
        extraction: { version: 2, run: 1, result: { fields: [{ value: 'García' }] } },
        forensics: { version: null, status: 'completed', result: forensics },
        translation: { status: 'failed', result: null, failure: { code: 'DOCUMENT_UNREADABLE' } },
      },
    },
  ]);
  expect(Object.keys(all.uploads[0]!.stages)).toEqual(['extraction', 'forensics', 'translation']);
});

test('the results of a case that is deleted while they are read are a 404, and a lost blob is an error', async () => {
  const stored = new StoredCase(database.pool, blobs);
  const uploadId = await stored.submit(['extraction']);
  await stored.complete(uploadId, 'extraction', extraction('Garcia'));
  await blobs.removeAll(`results/${stored.tenant.organizationId}`);
  await expect(results.getAll(stored.tenant, stored.id)).rejects.toMatchObject({
    code: 'BLOB_NOT_FOUND',
  });
  const deleting = {
    read: async (key: string) => {
      await stored.do({ type: 'DeleteCase', by: reviewer });
      return blobs.read(key);
    },
  } as BlobStore;
  const racing = new ResultsService(database.pool, deleting);
  await expect(racing.getAll(stored.tenant, stored.id)).rejects.toMatchObject({ status: 404 });
});

test('another tenant gets a 404', async () => {
  const stored = new StoredCase(database.pool, blobs);
  await stored.submit(['extraction']);
  const strangers = [
    { ...stored.tenant, environment: 'production' as const },
    new StoredCase(database.pool, blobs).tenant,
  ];
  for (const stranger of strangers) {
    const reads = [
      () => results.getAll(stranger, stored.id),
      () => results.getStage(stranger, stored.id, 'forensics'),
      () => results.getExtraction(stranger, stored.id, 1),
    ];
    for (const read of reads)
      await expect(read()).rejects.toMatchObject({ status: 404, code: 'NOT_FOUND' });
  }
});
