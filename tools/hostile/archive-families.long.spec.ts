import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { submissionLimits } from '@casewire/contracts';
import { unpack } from '@casewire/reading';
import { seeded } from '@casewire/samples';
import { ArchiveError, ArchiveErrorCode, Sandbox } from '@casewire/sandbox';
import { afterAll, expect, test } from 'vitest';

import { archiveFamilies } from './archive-families.ts';

const folder = mkdtempSync(join(tmpdir(), 'casewire-archives-'));
const warnings: object[] = [];
const sandbox = new Sandbox({ log: { warn: (line) => warnings.push(line) } });
afterAll(() => {
  sandbox.stop();
  rmSync(folder, { recursive: true });
});

/** The code of the refusal, or how many documents there are. */
async function resultOf(bytes: Uint8Array): Promise<string | number> {
  const [archive, into] = [join(folder, 'archive'), join(folder, 'documents')];
  writeFileSync(archive, bytes);
  const { totalBytes } = submissionLimits;
  try {
    return (await unpack(archive, { into, totalBytes, sandbox })).documents.length;
  } catch (error) {
    if (error instanceof ArchiveError) return error.code;
    throw error;
  }
}

test('every hostile archive is refused with a code or opened within the limits, and none ends its reader', async () => {
  const results = new Set<string | number>();
  for (const [i, make] of archiveFamilies.entries()) {
    for (let seed = 0; seed < 8; seed++) {
      const { bytes } = await make(seeded(i * 1000 + seed));
      results.add(await resultOf(bytes));
    }
  }
  expect(warnings).toEqual([]);
  const codes = [...results].filter((result) => typeof result === 'string');
  // No family has an archive without a document.
  const expected = ArchiveErrorCode.exclude(['ARCHIVE_EMPTY']).options;
  expect(codes.toSorted()).toEqual(expected.toSorted());
  expect([...results].some((result) => typeof result === 'number')).toBe(true);
}, 300_000);
