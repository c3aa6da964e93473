import { createHash } from 'node:crypto';

import { headLength, mediaTypeOf } from '@casewire/sandbox';
import { expect, test, vi } from 'vitest';

import { families, hostileFiles } from './generate.ts';

// Compressing bombs takes time.
vi.setConfig({ testTimeout: 180_000 });

async function made(count: number, seed: number) {
  const files = [];
  for await (const { name, about, bytes } of hostileFiles(count, seed)) {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const mediaType = mediaTypeOf(Buffer.from(bytes.subarray(0, headLength)));
    files.push({ name, about, sha256, size: bytes.length, mediaType });
  }
  return files;
}

test('the same seed makes the same files, another seed makes others', async () => {
  const count = families.length;
  const [first, again, other] = [await made(count, 1), await made(count, 1), await made(count, 2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('files of all types are made, within the size limit of uploads', async () => {
  const files = await made(families.length * 2, 3);
  const types = new Set(files.map(({ mediaType }) => mediaType));
  expect([...types].toSorted()).toEqual(
    ['application/pdf', 'image/jpeg', 'image/png', 'image/webp', null].toSorted(),
  );
  for (const { size } of files) expect(size).toBeLessThan(30 * 1024 * 1024);
});
