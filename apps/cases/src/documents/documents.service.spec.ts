import { randomUUID } from 'node:crypto';

import type { Principal } from '@casewire/auth';
import { openBlobStore, type BlobStore } from '@casewire/blobs';
import { migrate } from '@casewire/service';
import { testDatabase, testFolder, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { reviewer } from '../../test/case-trial.ts';
import { StoredCase } from '../../test/stored-case.ts';
import { migrations } from '../migrations/index.ts';
import { DocumentsService } from './documents.service.ts';

const folder = testFolder('documents');
const bytes = Buffer.from('%PDF-1.7 and more');
let database: TestDatabase;
let blobs: BlobStore;
let lines: Record<string, unknown>[];
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  blobs = openBlobStore(folder);
});
beforeEach(() => {
  lines = [];
});
afterAll(() => database.drop());

const serviceOn = (store: Pick<BlobStore, 'read' | 'stream'>) =>
  new DocumentsService(database.pool, store, {
    info: (line) => void lines.push(line),
    warn: () => undefined,
    error: () => undefined,
  });

const principalOf = ({ tenant }: StoredCase) => ({ ...tenant, keyId: 'key-1' }) as Principal;

/** A case with a document of two pages, whose forensics found two things, the first with a picture. */
async function storedDocument() {
  const stored = new StoredCase(database.pool, blobs);
  const document = { key: `uploads/${randomUUID()}`, size: bytes.length, pages: 2 };
  await blobs.put(document.key, bytes);
  const uploadId = await stored.submit(['forensics'], { ...document, name: 'Straße.pdf' });
  return {
    stored,
    document,
    place: { caseId: stored.id, uploadId },
    principal: principalOf(stored),
  };
}

async function withFindings({ stored, place }: Awaited<ReturnType<typeof storedDocument>>) {
  const image = `results/${stored.tenant.organizationId}/picture.png`;
  await blobs.put(image, Buffer.from('png'));
  await stored.complete(place.uploadId, 'forensics', { findings: [{ image }, { image: null }] });
}

test('a document is opened with its bytes, type, size and name, and the reading is logged', async () => {
  const { place, principal } = await storedDocument();
  const opened = await serviceOn(blobs).getDocument(principal, place);
  expect(opened).toMatchObject({
    fileName: 'Straße.pdf',
    mediaType: 'application/pdf',
    size: bytes.length,
  });
  expect(Buffer.concat(await opened.bytes.toArray())).toEqual(bytes);
  const { organizationId, environment } = principal;
  const about = { keyId: 'key-1', organizationId, environment, ...place };
  expect(lines).toEqual([{ event: 'document.read', ...about, what: 'document' }]);
});

test('the picture of a finding is that of the current result, and the reading is logged', async () => {
  const found = await storedDocument();
  await withFindings(found);
  const { principal, place } = found;
  const picture = await serviceOn(blobs).getFindingImage(principal, place, 1);
  expect(Buffer.concat(await picture.toArray()).toString()).toBe('png');
  expect(lines).toMatchObject([{ event: 'document.read', what: 'finding', number: 1 }]);
});

test('what does not exist is a 404, and is not logged as a reading', async () => {
  const found = await storedDocument();
  const { place, principal } = found;
  const service = serviceOn(blobs);
  const stranger = principalOf(new StoredCase(database.pool, blobs));
  const production = { ...principal, environment: 'production' } as Principal;
  const other = await storedDocument();
  const elsewhere = { caseId: other.place.caseId, uploadId: place.uploadId };
  const reads = [
    () => service.getDocument(stranger, place),
    () => service.getDocument(production, place),
    () => service.getDocument(other.principal, elsewhere),
    () => service.getDocument(principal, { ...place, uploadId: randomUUID() }),
    () => service.getPage(principal, place, 3),
    () => service.getPage(stranger, place, 1),
    // Forensics has no result yet.
    () => service.getFindingImage(principal, place, 1),
  ];
  for (const read of reads) await expect(read()).rejects.toMatchObject({ status: 404 });
  await withFindings(found);
  for (const number of [2, 3]) {
    const read = service.getFindingImage(principal, place, number);
    await expect(read).rejects.toMatchObject({ status: 404 });
  }
  await expect(service.getFindingImage(stranger, place, 1)).rejects.toMatchObject({ status: 404 });
  expect(lines).toEqual([]);
});

test('a document whose case is deleted while it is opened is a 404, and a lost one is an error', async () => {
  const { stored, document, place, principal } = await storedDocument();
  await blobs.remove(document.key);
  for (const read of [
    () => serviceOn(blobs).getDocument(principal, place),
    () => serviceOn(blobs).getPage(principal, place, 1),
  ])
    await expect(read()).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
  const deleting = {
    read: (key: string) => blobs.read(key),
    stream: async (key: string) => {
      await stored.do({ type: 'DeleteCase', by: reviewer });
      return blobs.stream(key);
    },
  };
  const read = serviceOn(deleting).getDocument(principal, place);
  await expect(read).rejects.toMatchObject({ status: 404, code: 'NOT_FOUND' });
  expect(lines).toEqual([]);
});
