import { execFileSync } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { generate } from '@casewire/samples';
import { sharedSandbox } from '@casewire/sandbox';
import { testFolder } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { unpack } from './unpack.ts';

const folder = testFolder('foreign-archives');
const names = ['invoice.pdf', 'señal €.pdf', 'notes.txt'];
let pdf: Buffer;
beforeAll(async () => {
  pdf = Buffer.from((await generate('invoice', { seed: 1 })).bytes);
  for (const name of names)
    await writeFile(join(folder, name), name.endsWith('.txt') ? 'Dear Sir or Madam' : pdf);
  await symlink('invoice.pdf', join(folder, 'link.pdf'));
});
afterAll(() => sharedSandbox().stop());

const run = (command: string, ...args: string[]): Buffer =>
  execFileSync(command, args, { cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8' } });

const pythonWriter = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    for name in sys.argv[2:]: archive.write(name)
`;
// Written to a pipe, so that sizes follow the data; the second one with ZIP64 fields.
const pythonStream = `
import sys, zipfile
with zipfile.ZipFile(sys.stdout.buffer, 'w', zipfile.ZIP_DEFLATED) as archive:
    for name in sys.argv[2:]:
        with archive.open(name, 'w', force_zip64=True) as entry: entry.write(open(name, 'rb').read())
`;

/** Programs that people make ZIP archives with: each writes these files into an archive. */
const writers: [string, (archive: string) => Buffer | undefined][] = [
  ['Info-ZIP zip', (archive) => void run('zip', '-q', archive, ...names)],
  ['Info-ZIP zip to a pipe', () => run('zip', '-q', '-', ...names)],
  ['Info-ZIP zip without compression', (archive) => void run('zip', '-q0', archive, ...names)],
  ['7-Zip', (archive) => void run('7z', 'a', '-tzip', '-bd', archive, ...names)],
  ['libarchive', (archive) => void run('bsdtar', '--format', 'zip', '-cf', archive, ...names)],
  ['Java', (archive) => void run('jar', 'cMf', archive, ...names)],
  ['Python', (archive) => void run('python3', '-c', pythonWriter, archive, ...names)],
  ['Python to a pipe', () => run('python3', '-c', pythonStream, '-', ...names)],
];

async function unpacked(archive: string) {
  const into = join(folder, 'documents');
  const found = await unpack(archive, { into, totalBytes: 40 * 1024 * 1024 });
  return { ...found, bytes: await readFile(into) };
}

test.each(writers)(
  'an archive by %s is read: names, contents, and what is no document',
  async (by, write) => {
    const archive = join(folder, `${by}.zip`);
    const written = write(archive);
    if (written) await writeFile(archive, written);
    const { documents, ignored, bytes } = await unpacked(archive);
    expect(documents.map(({ path }) => path.normalize('NFC')).toSorted()).toEqual(
      names.slice(0, 2).toSorted(),
    );
    for (const { startsAt, size } of documents)
      expect(bytes.subarray(startsAt, startsAt + size).equals(pdf)).toBe(true);
    expect(ignored).toEqual([{ path: 'notes.txt', reason: 'not_a_document' }]);
  },
);

test('an encrypted file by 7-Zip is listed', async () => {
  const archive = join(folder, 'encrypted.zip');
  run('7z', 'a', '-tzip', '-bd', '-psecret', archive, 'invoice.pdf');
  run('7z', 'a', '-tzip', '-bd', archive, 'señal €.pdf');
  expect((await unpacked(archive)).ignored).toEqual([{ path: 'invoice.pdf', reason: 'encrypted' }]);
});

test('a symbolic link by Info-ZIP zip is refused', async () => {
  const archive = join(folder, 'link.zip');
  run('zip', '-qy', archive, 'link.pdf', 'invoice.pdf');
  await expect(unpacked(archive)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
});

test('an archive by Info-ZIP zip whose end is missing is refused as damaged', async () => {
  const archive = join(folder, 'cut.zip');
  run('zip', '-q', archive, ...names);
  const whole = await readFile(archive);
  await writeFile(archive, whole.subarray(0, whole.length - 30));
  await expect(unpacked(archive)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
});
