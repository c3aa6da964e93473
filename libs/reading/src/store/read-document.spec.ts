import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FolderBlobStore } from '@casewire/blobs';
import { generate } from '@casewire/samples';
import { SandboxStalled, DocumentError } from '@casewire/sandbox';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { openReader, type OpenReader } from '../document/open-reader.ts';
import { readerVersion } from '../text/reading.ts';
import {
  forgetReading,
  readDocument,
  readingsSettled,
  type ReadDocument,
  type Reader,
} from './read-document.ts';
import { claimMs } from './reading-claim.ts';

let folder: string;
let opened: OpenReader;
let reads: number;
let reader: Reader;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-readings-'));
  opened = openReader({ ocrWorkers: 1 });
});
beforeEach(() => {
  reads = 0;
  reader = {
    read: (source, signal) => {
      reads++;
      return opened.reader.read(source, signal);
    },
  };
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true });
});

let seed = 100;
async function statement() {
  const blobs = new FolderBlobStore(folder);
  const { bytes } = await generate('bank_statement', { seed: seed++ });
  const organizationId = randomUUID();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const key = `uploads/${organizationId}/${sha256}`;
  await blobs.put(key, bytes);
  const request = (more: Partial<ReadDocument> = {}): ReadDocument => ({
    blobs,
    reader,
    organizationId,
    document: { key, sha256, mediaType: 'application/pdf' },
    signal: new AbortController().signal,
    ...more,
  });
  const prefix = `readings/${organizationId}/${sha256}/${readerVersion}`;
  return { blobs, organizationId, sha256, key, request, prefix };
}

test('a document is read once, and later from the store', async () => {
  const { request } = await statement();
  const first = await readDocument(request());
  expect(await readDocument(request())).toEqual(first);
  expect(reads).toBe(1);
});

test('concurrent callers get the same reading, in one process and across processes', async () => {
  const { request } = await statement();
  // Another process would have a store object of its own.
  const elsewhere = new FolderBlobStore(folder);
  const readings = await Promise.all([
    readDocument(request()),
    readDocument(request()),
    readDocument(request({ blobs: elsewhere })),
  ]);
  expect(reads).toBe(1);
  expect(readings[1]).toEqual(readings[0]);
  expect(readings[2]).toEqual(readings[0]);
});

test('organizations do not share readings', async () => {
  const { request } = await statement();
  await readDocument(request());
  await readDocument(request({ organizationId: randomUUID() }));
  expect(reads).toBe(2);
});

test('the claim of a killed reader expires', async () => {
  const { request, blobs, prefix } = await statement();
  const killedAt = Date.now();
  const body = Buffer.from(JSON.stringify({ until: killedAt + claimMs }));
  await blobs.put(`${prefix}/claims/1`, body);
  await readDocument(request({ now: () => killedAt + claimMs + 1 }));
  expect(reads).toBe(1);
});

test('while another reader has the claim, its reading is awaited and not made again', async () => {
  const { request, blobs, prefix } = await statement();
  const theirs = await readDocument(request({ organizationId: randomUUID() }));
  const claimed = JSON.stringify({ until: Date.now() + claimMs });
  await blobs.put(`${prefix}/claims/1`, Buffer.from(claimed));
  const waiting = readDocument(request());
  await blobs.put(`${prefix}/reading.json`, Buffer.from(JSON.stringify(theirs)));
  expect(await waiting).toEqual(theirs);
  expect(reads).toBe(1);
});

test('a caller that waits for another reader can be aborted', async () => {
  const { request, blobs, prefix } = await statement();
  const claimed = JSON.stringify({ until: Date.now() + claimMs });
  await blobs.put(`${prefix}/claims/1`, Buffer.from(claimed));
  const controller = new AbortController();
  const waiting = readDocument(request({ signal: controller.signal }));
  controller.abort(new Error('aborted'));
  await expect(waiting).rejects.toThrow('aborted');
  expect(reads).toBe(0);
});

test('a failed reading leaves no claim behind', async () => {
  const { request } = await statement();
  const broken: Reader = { read: () => Promise.reject(new Error('the disk is full')) };
  await expect(readDocument(request({ reader: broken }))).rejects.toThrow('the disk is full');
  expect((await readDocument(request())).pages).toHaveLength(1);
});

test('a document that cannot be read is parsed once, and all callers get the failure', async () => {
  const { request, blobs, prefix } = await statement();
  const refusing: Reader = {
    read: () => {
      reads++;
      return Promise.reject(new DocumentError('DOCUMENT_ENCRYPTED', 'the PDF asks for a password'));
    },
  };
  const elsewhere = new FolderBlobStore(folder);
  const requests = [
    request({ reader: refusing }),
    request({ reader: refusing }),
    request({ reader: refusing, blobs: elsewhere }),
  ];
  const results = await Promise.allSettled(requests.map((one) => readDocument(one)));
  results.push(...(await Promise.allSettled([readDocument(request({ reader: refusing }))])));
  const failure = { code: 'DOCUMENT_ENCRYPTED', message: 'the PDF asks for a password' };
  for (const result of results) {
    expect(result).toMatchObject({ status: 'rejected', reason: { ...failure, retriable: false } });
    expect((result as PromiseRejectedResult).reason).toBeInstanceOf(DocumentError);
  }
  expect(reads).toBe(1);
  const stored = JSON.parse(String(await blobs.read(`${prefix}/failure.json`)));
  expect(stored).toEqual(failure);
});

test('after an error of the machine the next caller reads the document', async () => {
  const { request, blobs, prefix } = await statement();
  const stalled: Reader = { read: () => Promise.reject(new SandboxStalled('it was killed')) };
  await expect(readDocument(request({ reader: stalled }))).rejects.toMatchObject({
    code: 'SANDBOX_STALLED',
  });
  expect(await blobs.exists(`${prefix}/failure.json`)).toBe(false);
  expect((await readDocument(request())).pages).toHaveLength(1);
});

test('a reading that does not fit the schema is not stored, and the document is at fault', async () => {
  const { request, blobs, prefix } = await statement();
  const odd: Reader = {
    read: async (source, signal) => {
      const { pages, ...rest } = await opened.reader.read(source, signal);
      return { ...rest, pages: pages.map((page) => ({ ...page, aspect: Number.NaN })) };
    },
  };
  for (const one of [odd, odd])
    await expect(readDocument(request({ reader: one }))).rejects.toMatchObject({
      code: 'DOCUMENT_UNREADABLE',
    });
  expect(await blobs.exists(`${prefix}/reading.json`)).toBe(false);
});

test('where one of two callers is aborted, the other gets its reading', async () => {
  const { request } = await statement();
  const controller = new AbortController();
  const aborted = readDocument(request({ signal: controller.signal }));
  const stays = readDocument(request());
  controller.abort(new Error('stopped'));
  await expect(aborted).rejects.toThrow('stopped');
  expect((await stays).pages).toHaveLength(1);
  expect(reads).toBe(1);
});

test('an aborted reading has withdrawn its claim when the readings of its store are settled', async () => {
  const { blobs, request, prefix } = await statement();
  const caller = new AbortController();
  const begun = Promise.withResolvers<void>();
  const slow: Reader = {
    read: (_, signal) =>
      new Promise((__, reject) => {
        begun.resolve();
        signal!.addEventListener('abort', () => reject(signal!.reason), { once: true });
      }),
  };
  const reading = readDocument(request({ reader: slow, signal: caller.signal }));
  await begun.promise;
  caller.abort(new Error('stopped'));
  await expect(reading).rejects.toThrow('stopped');
  await readingsSettled(blobs);
  expect(JSON.parse(String(await blobs.read(`${prefix}/claims/1`)))).toEqual({ until: 0 });
});

test('a removed reading is gone, and the document is read again', async () => {
  const { request, blobs, organizationId, sha256, prefix } = await statement();
  await readDocument(request());
  await forgetReading(blobs, organizationId, sha256);
  expect(await blobs.exists(`${prefix}/reading.json`)).toBe(false);
  await readDocument(request());
  expect(reads).toBe(2);
});

test('an unreadable document that is erased during reading leaves nothing', async () => {
  const { request, blobs, key, prefix } = await statement();
  const erasing: Reader = {
    read: async () => {
      await blobs.remove(key);
      throw new DocumentError('DOCUMENT_UNREADABLE', 'the PDF is damaged');
    },
  };
  await expect(readDocument(request({ reader: erasing }))).rejects.toMatchObject({
    code: 'BLOB_NOT_FOUND',
  });
  expect(await blobs.exists(`${prefix}/failure.json`)).toBe(false);
});

test('a document that is erased during reading leaves no reading', async () => {
  const { request, blobs, key, prefix } = await statement();
  const erasing: Reader = {
    read: async (source, signal) => {
      const reading = await opened.reader.read(source, signal);
      await blobs.remove(key);
      return reading;
    },
  };
  await expect(readDocument(request({ reader: erasing }))).rejects.toMatchObject({
    code: 'BLOB_NOT_FOUND',
  });
  expect(await blobs.exists(`${prefix}/reading.json`)).toBe(false);
  expect(await blobs.exists(`${prefix}/claims/1`)).toBe(false);
});
