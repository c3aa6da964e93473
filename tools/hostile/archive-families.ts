import { deflateRawSync } from 'node:zlib';

import { between, pick, type Random, type ZipFileEntry, zipOf } from '@casewire/samples';

import type { Maker } from './hostile-file.ts';
import { greeting, onePage, pdfOf } from './pdf-writer.ts';

const pdf = (): ZipFileEntry => ({ name: 'statement.pdf', content: pdfOf(onePage(greeting)) });

const archive = (about: string, bytes: Uint8Array, name = 'documents.zip') => ({
  name,
  bytes,
  about: `an archive ${about}`,
});

/** Inflates to far more than it has, whatever size it claims. */
const bomb: Maker = (random) => {
  const megabytes = pick(random, [31, 200, 600]);
  const data = deflateRawSync(Buffer.alloc(megabytes * 1024 * 1024), { level: 9 });
  const claimedSize = pick(random, [10, 1024 * 1024, 0xfffffffe]);
  const entries = [pdf(), { name: 'zeros.pdf', data, claimedSize, claimedCrc: 0 }];
  return archive(`that inflates to ${megabytes} MB and claims ${claimedSize}`, zipOf(entries));
};

/** Many entries that are within the limit one by one. */
const manyBombs: Maker = (random) => {
  const count = between(random, 3, 60);
  const content = Buffer.alloc(15 * 1024 * 1024);
  const data = deflateRawSync(content);
  const entries = Array.from({ length: count }, (_, i) => ({ name: `${i}.bin`, content, data }));
  return archive(`with ${count} entries of 15 MB`, zipOf([pdf(), ...entries]));
};

const paths = [
  '../../../../etc/passwd.pdf',
  'a/../../b.pdf',
  '/etc/shadow.pdf',
  '..\\..\\windows\\system.ini.pdf',
  'C:\\secret.pdf',
  'C:secret.pdf',
  'a\u0000b.pdf',
  'a\r\nb.pdf',
  '..',
  '.',
  '/',
  '',
  `${'n'.repeat(300)}.pdf`,
  `${'folder/'.repeat(2_000)}a.pdf`,
  '\u202efdp.exe.pdf',
  "'; drop table ignored_file_private; --.pdf",
];

const oddPath: Maker = (random) => {
  const name = pick(random, paths);
  const bytes = zipOf([pdf(), { ...pdf(), name, stored: random() < 0.5 }]);
  return archive(`with the path ${JSON.stringify(name.slice(0, 60))}`, bytes);
};

const nested: Maker = (random) => {
  const depth = between(random, 1, 50);
  let content = zipOf([pdf()]);
  for (let level = 1; level < depth; level++) content = zipOf([{ name: 'next.zip', content }]);
  const name = pick(random, ['next.zip', 'next.pdf']);
  return archive(`in ${depth} archives`, zipOf([pdf(), { name, content }]));
};

const truncated: Maker = (random) => {
  const whole = zipOf([pdf(), { name: 'b.txt', content: Buffer.from('text') }]);
  const length = between(random, 4, whole.length - 1);
  return archive(`that ends after ${length} bytes`, whole.subarray(0, length));
};

const damaged: Maker = (random) => {
  const bytes = Buffer.from(zipOf([pdf(), { ...pdf(), name: 'b.pdf', descriptor: true }]));
  const count = between(random, 1, 20);
  // The first bytes remain those of an archive.
  for (let i = 0; i < count; i++)
    bytes[between(random, 4, bytes.length - 1)] = between(random, 0, 255);
  return archive(`with ${count} changed bytes`, bytes);
};

const overlapping: Maker = (random) => {
  const copies = between(random, 1, 150);
  const rename = random() < 0.5;
  const entries = Array.from({ length: copies }, (_, i) => ({
    ...pdf(),
    name: rename ? `${i}.pdf` : pdf().name,
    sameAs: 0,
  }));
  return archive(`with ${copies} entries at one place`, zipOf([pdf(), ...entries]));
};

const manyEntries: Maker = (random) => {
  const count = pick(random, [199, 201, 10_000, 70_000]);
  const entries = Array.from({ length: count }, (_, i) => ({ name: `${i}`, stored: true }));
  return archive(`with ${count} empty entries`, zipOf([pdf(), ...entries]));
};

const zip64: Maker = (random) => {
  const count = pick(random, [undefined, 0, 3, 2 ** 40]);
  const claimedSize = pick(random, [undefined, 0xffffffff, 2 ** 45]);
  const one = { ...pdf(), zip64: true, ...(claimedSize !== undefined && { claimedSize }) };
  const bytes = zipOf([one], count === undefined ? {} : { count });
  return archive(`in ZIP64 that claims ${count} entries and ${claimedSize} bytes`, bytes);
};

const kinds: ((random: Random) => ZipFileEntry)[] = [
  () => ({ name: 'link.pdf', mode: 0o120777, content: Buffer.from('/etc/passwd') }),
  () => ({ name: 'device', mode: 0o060600 }),
  () => ({ ...pdf(), name: 'secret.pdf', flags: 0x801 }),
  () => ({ ...pdf(), name: 'strong.pdf', flags: 0x841 }),
  (random) => ({ ...pdf(), name: 'method.pdf', method: between(random, 1, 99) }),
  () => ({ ...pdf(), name: 'other.pdf', localName: 'names.pdf' }),
  () => ({ ...pdf(), name: 'wrong.pdf', claimedCrc: 1 }),
];

const oddEntry: Maker = (random) => {
  const entry = pick(random, kinds)(random);
  return archive(`with the entry ${String(entry.name)}`, zipOf([pdf(), entry]));
};

export const archiveFamilies: readonly Maker[] = [
  bomb,
  manyBombs,
  oddPath,
  nested,
  truncated,
  damaged,
  overlapping,
  manyEntries,
  zip64,
  oddEntry,
];
