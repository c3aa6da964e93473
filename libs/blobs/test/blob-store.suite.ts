import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { testFolder } from '@casewire/testing';
import { beforeAll, describe, expect, test } from 'vitest';

import { BlobKeyInvalid, BlobNotFound, type BlobStore } from '../src/blob-store.ts';

/**
 * What every blob store guarantees. Each implementation runs it in its own spec.
 * @param open gives an empty store; called once, before the tests
 */
export function blobStoreSuite(name: string, open: () => Promise<BlobStore>): void {
  describe(`the blob store contract: ${name}`, () => {
    const uploads = testFolder('blob-store-uploads');
    let blobs: BlobStore;
    beforeAll(async () => {
      blobs = await open();
    });

    const text = async (key: string) => String(await blobs.read(key));

    test('a blob is read back, and a later put replaces it', async () => {
      await blobs.put('a/b.json', Buffer.from('one'));
      await blobs.put('a/b.json', Buffer.from('two'));
      expect(await text('a/b.json')).toBe('two');
    });

    test('an empty blob is a blob', async () => {
      await blobs.put('empty', Buffer.alloc(0));
      expect(await blobs.exists('empty')).toBe(true);
      expect(await blobs.read('empty')).toHaveLength(0);
    });

    test('of many concurrent putIfAbsent calls exactly one stores its bytes', async () => {
      const names = Array.from({ length: 20 }, (_, i) => `writer-${i}`);
      const stored = await Promise.all(
        names.map((one) => blobs.putIfAbsent('runs/1', Buffer.from(one))),
      );
      expect(stored.filter(Boolean)).toHaveLength(1);
      expect(await text('runs/1')).toBe(names[stored.indexOf(true)]);
    });

    test('putIfAbsent leaves an earlier blob as it is', async () => {
      await blobs.put('first', Buffer.from('one'));
      expect(await blobs.putIfAbsent('first', Buffer.from('two'))).toBe(false);
      expect(await text('first')).toBe('one');
    });

    test('concurrent puts of one key leave the whole bytes of one of them', async () => {
      const bodies = ['x', 'y', 'z'].map((letter) => letter.repeat(200_000));
      await Promise.all(bodies.map((body) => blobs.put('raced', Buffer.from(body))));
      expect(bodies).toContain(await text('raced'));
    });

    test('a file is copied into the store, in place of an earlier blob, and stays as it was', async () => {
      const path = join(uploads, 'upload.pdf');
      await writeFile(path, 'bytes');
      await blobs.put('uploads/x', Buffer.from('earlier'));
      await blobs.putFile('uploads/x', path);
      expect(await text('uploads/x')).toBe('bytes');
      expect(await readFile(path, 'utf8')).toBe('bytes');
    });

    test('a stream has the same bytes', async () => {
      const body = Buffer.alloc(300_000, 'abc');
      await blobs.put('streamed', body);
      const chunks = await (await blobs.stream('streamed')).toArray();
      expect(Buffer.concat(chunks).equals(body)).toBe(true);
    });

    test('a stream that was opened has all bytes, also when the blob is removed then', async () => {
      const body = Buffer.alloc(300_000, 'abc');
      await blobs.put('removed', body);
      const opened = await blobs.stream('removed');
      await blobs.remove('removed');
      expect(Buffer.concat(await opened.toArray()).equals(body)).toBe(true);
    });

    test('the error for a missing blob names its key', async () => {
      await expect(blobs.read('nothing')).rejects.toThrow(BlobNotFound);
      await expect(blobs.read('nothing')).rejects.toMatchObject({ key: 'nothing' });
      await expect(blobs.stream('nothing')).rejects.toThrow(BlobNotFound);
      expect(await blobs.exists('nothing')).toBe(false);
    });

    test('a removal deletes one blob or everything below a prefix, and nothing else', async () => {
      await blobs.put('p/1', Buffer.from('x'));
      await blobs.put('p/2', Buffer.from('x'));
      await blobs.put('p/deep/3', Buffer.from('x'));
      await blobs.put('p-other', Buffer.from('x'));
      await blobs.remove('p/1');
      expect(await blobs.exists('p/1')).toBe(false);
      expect(await blobs.exists('p/2')).toBe(true);
      await blobs.removeAll('p');
      expect(await blobs.exists('p/2')).toBe(false);
      expect(await blobs.exists('p/deep/3')).toBe(false);
      expect(await blobs.exists('p-other')).toBe(true);
    });

    test('a removal of a missing blob does nothing', async () => {
      await blobs.remove('never');
      await blobs.removeAll('never');
      expect(await blobs.exists('never')).toBe(false);
    });

    test('a removed key can be used again', async () => {
      await blobs.put('again', Buffer.from('one'));
      await blobs.remove('again');
      expect(await blobs.putIfAbsent('again', Buffer.from('two'))).toBe(true);
      expect(await text('again')).toBe('two');
    });

    test('the removal of unfinished writes leaves every blob as it is, however old', async () => {
      await blobs.put('kept', Buffer.from('x'));
      await blobs.removeUnfinished(0, Date.now() + 86_400_000);
      expect(await text('kept')).toBe('x');
    });

    const invalid = ['', '../x', 'a/../b', '/etc/passwd', 'a//b', 'a/./b', 'a b', 'a\0b'];
    test.each([...invalid, 'x'.repeat(201), `${'x/'.repeat(450)}x`])(
      'the key %j is refused',
      async (key) => {
        await expect(blobs.read(key)).rejects.toThrow(BlobKeyInvalid);
        await expect(blobs.put(key, Buffer.from('x'))).rejects.toThrow(BlobKeyInvalid);
        await expect(blobs.removeAll(key)).rejects.toThrow(BlobKeyInvalid);
      },
    );
  });
}
