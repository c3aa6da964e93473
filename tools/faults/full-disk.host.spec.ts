import 'reflect-metadata';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { formOf } from '@casewire/client';
import { zipOf } from '@casewire/samples';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { paddedPdf } from '../e2e/bad-files.ts';
import { TestPlatform, type Partner } from '../e2e/test-platform.ts';
import { SmallFileSystem } from './small-file-system.ts';

let disk: SmallFileSystem;
let platform: TestPlatform;
let partner: Partner;
const incoming = () => join(disk.path, 'incoming');

beforeEach(() => {
  disk = new SmallFileSystem(8 * 1024);
});
afterEach(async () => {
  await platform.stop();
  disk.remove();
});

async function start(env: Record<string, string>): Promise<void> {
  platform = await TestPlatform.start({ stages: [], env });
  partner = await platform.partner();
}

async function submit(bytes: Uint8Array, name = 'a.pdf'): Promise<Response> {
  return fetch(`${platform.url}/partner/v1/cases`, {
    method: 'POST',
    headers: { 'x-api-key': partner.key },
    body: formOf({ files: [{ name, bytes }], features: ['extraction'] }),
  });
}

const files = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
        (one) => one.isFile() && !one.name.endsWith('.lock'),
      )
    : [];

async function expectRefused(response: Response): Promise<void> {
  expect([response.status, await response.json()]).toMatchObject([507, { code: 'STORAGE_FULL' }]);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
}

// Free space in kilobytes: from one page less than the file needs down to nothing.
const size = 1_470_567;
const kilobytes = [1432, 1430, 1424, 1400, 1380, 900, 4, 0];

test('an upload that is larger than the free space of the incoming folder is refused with 507, leaves no file, and is accepted later', async () => {
  await start({ INCOMING_FOLDER: incoming() });
  const { bytes: pdf } = await paddedPdf(size);
  for (const free of kilobytes) {
    disk.leave(free);
    await expectRefused(await submit(pdf));
    expect(files(incoming())).toEqual([]);
  }
  expect((await partner.client.cases()).items).toEqual([]);
  disk.empty();
  const accepted = await submit(pdf);
  expect(accepted.status).toBe(202);
  expect(await accepted.json()).toMatchObject({ uploads: [{ size: pdf.byteLength }] });
});

test('if both folders are on one full disk, a valid file is refused with 507 and not as invalid', async () => {
  const blobs = join(disk.path, 'blobs');
  await start({ INCOMING_FOLDER: incoming(), BLOB_FOLDER: blobs });
  const { bytes: pdf } = await paddedPdf(size);
  // From nothing to almost enough for both copies.
  for (const free of [0, 700, 1430, 1440, 1500, 2000, 2700, 2860]) {
    disk.leave(free);
    await expectRefused(await submit(pdf));
    expect(files(incoming())).toEqual([]);
    await expect.poll(() => files(blobs), { timeout: 10_000 }).toEqual([]);
  }
  expect((await partner.client.cases()).items).toEqual([]);
  disk.empty();
  expect((await submit(pdf)).status).toBe(202);
});

test('if the incoming folder has no space for the documents of an archive, the archive is refused with 507 and not as invalid', async () => {
  await start({ INCOMING_FOLDER: incoming() });
  const { bytes: pdf } = await paddedPdf(size);
  // The archive itself is small: its document is mostly padding. It is written twice: unpacked, and as a document.
  const archive = zipOf([{ name: 'a.pdf', content: pdf }]);
  expect(archive.length).toBeLessThan(size / 10);
  for (const free of [1400, 1000, 500, 200]) {
    disk.leave(free);
    await expectRefused(await submit(archive, 'a.zip'));
    expect(files(incoming())).toEqual([]);
  }
  disk.empty();
  const accepted = await submit(archive, 'a.zip');
  expect(await accepted.json()).toMatchObject({ uploads: [{ size: pdf.byteLength }] });
});
