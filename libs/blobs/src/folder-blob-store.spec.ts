import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { BlobKeyInvalid, BlobNotFound } from './blob-store.ts';
import { FolderBlobStore } from './folder-blob-store.ts';

let folder: string;
let blobs: FolderBlobStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-blobs-'));
  blobs = new FolderBlobStore(folder);
});
afterAll(() => rm(folder, { recursive: true }));

test('what was put is read back, and the last put stands', async () => {
  await blobs.put('a/b.json', Buffer.from('one'));
  await blobs.put('a/b.json', Buffer.from('two'));
  expect(String(await blobs.read('a/b.json'))).toBe('two');
});

test('of many that put if absent at once exactly one wins, and its bytes stand', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `writer-${i}`);
  const won = await Promise.all(
    names.map((name) => blobs.putIfAbsent('runs/1', Buffer.from(name))),
  );
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(String(await blobs.read('runs/1'))).toBe(names[won.indexOf(true)]);
});

test('a file is copied in and left where it was', async () => {
  const path = join(folder, 'upload.pdf');
  await writeFile(path, 'bytes');
  await blobs.putFile('uploads/x', path);
  const chunks = await (await blobs.stream('uploads/x')).toArray();
  expect(String(Buffer.concat(chunks))).toBe('bytes');
  expect(await readdir(folder)).toContain('upload.pdf');
});

test('a blob that is not there is named in the error', async () => {
  await expect(blobs.read('nothing')).rejects.toThrow(BlobNotFound);
  await expect(blobs.stream('nothing')).rejects.toThrow(BlobNotFound);
  expect(await blobs.exists('nothing')).toBe(false);
});

test('removing takes one blob or everything below a prefix, and no more', async () => {
  await blobs.put('p/1', Buffer.from('x'));
  await blobs.put('p/2', Buffer.from('x'));
  await blobs.put('p-other', Buffer.from('x'));
  await blobs.remove('p/1');
  expect(await blobs.exists('p/2')).toBe(true);
  await blobs.removeAll('p');
  expect(await blobs.exists('p/2')).toBe(false);
  expect(await blobs.exists('p-other')).toBe(true);
});

test.each(['', '../x', 'a/../b', '/etc/passwd', 'a//b', 'a/./b', 'a b', 'a\0b'])(
  'the key %j is refused',
  async (key) => {
    await expect(blobs.read(key)).rejects.toThrow(BlobKeyInvalid);
  },
);

test('no draft is left behind', async () => {
  await blobs.put('q', Buffer.from('x'));
  expect(await readdir(join(folder, 'drafts'))).toEqual([]);
});

test('drafts that a killed process left behind are removed once they are old', async () => {
  const draft = join(folder, 'drafts', 'left-behind');
  await writeFile(draft, 'half');
  await blobs.tidy(60_000);
  expect(await readdir(join(folder, 'drafts'))).toEqual(['left-behind']);
  await blobs.tidy(60_000, Date.now() + 120_000);
  expect(await readdir(join(folder, 'drafts'))).toEqual([]);
});
