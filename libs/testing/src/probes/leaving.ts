// Tests that pass. LEAVE names a folder that one of them does not remove.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

test('a folder is created and removed', () => {
  const created = mkdtempSync(join(tmpdir(), 'casewire-removed-'));
  expect(created).toContain('casewire-removed-');
  rmSync(created, { recursive: true });
});

test('a folder is created', () => {
  const name = process.env.LEAVE;
  if (name) mkdirSync(join(tmpdir(), name));
  expect(tmpdir()).toContain('casewire-t-');
});
