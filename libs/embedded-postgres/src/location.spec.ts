import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { mayEnter, reachable } from './location.ts';

const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'casewire-location-'));
  chmodSync(folder, 0o755);
  for (const home of ['open', 'closed']) {
    mkdirSync(join(folder, home, 'native', 'bin'), { recursive: true });
    writeFileSync(join(folder, home, 'native', 'bin', 'postgres'), '#!', { mode: 0o755 });
  }
  chmodSync(join(folder, 'closed'), 0o700);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder below one with mode 0700 cannot be entered by another account', () => {
  expect(mayEnter(join(folder, 'open', 'native'), stranger)).toBe(true);
  expect(mayEnter(join(folder, 'closed', 'native'), stranger)).toBe(false);
});

test('a location that the account can reach does not change', () => {
  const requested = {
    binaries: join(folder, 'open', 'native'),
    data: join(folder, 'open', 'data'),
  };
  expect(reachable(requested, stranger, join(folder, 'shared'))).toEqual(requested);
  expect(reachable(requested, undefined)).toBe(requested);
});

test('binaries that the account cannot reach are copied once to a folder that it can reach', () => {
  const requested = {
    binaries: join(folder, 'closed', 'native'),
    data: join(folder, 'closed', 'data'),
  };
  const first = reachable(requested, stranger, join(folder, 'shared'));
  expect(mayEnter(first.binaries, stranger)).toBe(true);
  expect(mayEnter(first.data, stranger)).toBe(true);
  expect(statSync(join(first.binaries, 'bin', 'postgres')).mode & 0o111).toBe(0o111);
  expect(reachable(requested, stranger, join(folder, 'shared'))).toEqual(first);
});
