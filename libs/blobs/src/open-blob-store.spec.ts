import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { testFolder } from '@casewire/testing';
import { expect, test } from 'vitest';

import { BlobStoreUnsupported } from './blob-store.ts';
import { openBlobStore } from './open-blob-store.ts';

const folder = testFolder('open-blob-store');

test('a folder and its file: URL are the same store', async () => {
  const path = join(folder, 'with a space');
  await openBlobStore(path).put('a/b', Buffer.from('bytes'));
  const blobs = openBlobStore(pathToFileURL(path).href);
  expect(String(await blobs.read('a/b'))).toBe('bytes');
});

test('a store that is only opened leaves no trace', async () => {
  openBlobStore(join(folder, 'opened'));
  expect(await readdir(folder)).not.toContain('opened');
});

test.each([
  's3://bucket/blobs',
  'https://storage.example.com/blobs',
  'S3:bucket',
  'file://other-host/blobs',
  '',
])('the location %j is refused, and the error names it', (location) => {
  const open = () => openBlobStore(location);
  expect(open).toThrow(BlobStoreUnsupported);
  expect(open).toThrow(expect.objectContaining({ code: 'BLOB_STORE_UNSUPPORTED', location }));
});
