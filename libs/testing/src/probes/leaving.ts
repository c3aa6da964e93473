// Tests that pass; LEAVE names what one of them does not remove.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

test('a folder is made and removed', () => {
  const made = mkdtempSync(join(tmpdir(), 'casewire-removed-'));
  expect(made).toContain('casewire-removed-');
  rmSync(made, { recursive: true });
});

test('a folder is made', () => {
  const name = process.env.LEAVE;
  if (name) mkdirSync(join(tmpdir(), name));
  expect(tmpdir()).toContain('casewire-t-');
});
