import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { testFolder } from '@casewire/testing';
import { expect, test } from 'vitest';

import { blobStoreSuite } from '../test/blob-store.suite.ts';
import { FolderBlobStore } from './folder-blob-store.ts';

const contractFolder = testFolder('blobs-contract');
blobStoreSuite('a folder', async () => new FolderBlobStore(contractFolder));

const folder = testFolder('blobs');
const drafts = join(folder, 'drafts');
const blobs = new FolderBlobStore(folder);

test('no draft is left behind', async () => {
  await blobs.put('q', Buffer.from('x'));
  expect(await readdir(drafts)).toEqual([]);
});

test('a draft that a killed process left behind is removed once it is old', async () => {
  await blobs.put('q', Buffer.from('x'));
  await writeFile(join(drafts, 'left-behind'), 'half');
  await blobs.removeUnfinished(60_000);
  expect(await readdir(drafts)).toEqual(['left-behind']);
  await blobs.removeUnfinished(60_000, Date.now() + 120_000);
  expect(await readdir(drafts)).toEqual([]);
});
