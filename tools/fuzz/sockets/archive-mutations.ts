import { between, pick, type Random, type ZipFileEntry, zipOf } from '@casewire/samples';

const content = Buffer.from('%PDF-1.7');

const entries: ((random: Random) => ZipFileEntry)[] = [
  () => ({ name: 'a.pdf', content }),
  () => ({ name: 'a.txt', content: Buffer.from('text') }),
  () => ({ name: '../a.pdf', content }),
  () => ({ name: 'a\\b.pdf', content }),
  () => ({ name: 'a\0.pdf', content }),
  () => ({ name: Buffer.from([0xff, 0xfe]), content }),
  () => ({ name: 'link', content, mode: 0o120777 }),
  () => ({ name: 'b.zip', content: zipOf([{ name: 'a.pdf', content }]) }),
  () => ({ name: 'zeros', content: Buffer.alloc(1_000_000) }),
  () => ({ name: 'secret.pdf', content, flags: 0x801 }),
  () => ({ name: 'large.pdf', content, zip64: true, claimedSize: 2 ** 40 }),
  (random) => ({ name: 'a.pdf', content, method: between(random, 0, 99) }),
];

/** A ZIP archive, valid or with unusual entries, perhaps damaged or cut off. */
export function archiveOf(random: Random): Buffer {
  const count = pick(random, [0, 1, 2, 5, 300]);
  const bytes = zipOf(Array.from({ length: count }, () => pick(random, entries)(random)));
  const how = random();
  if (how < 0.25) return bytes.subarray(0, between(random, 4, bytes.length));
  if (how < 0.5) bytes[between(random, 4, bytes.length - 1)] = between(random, 0, 255);
  return bytes;
}
