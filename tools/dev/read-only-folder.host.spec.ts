import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { StartAll } from './start-all.ts';

test('a data folder that cannot be written to stops the start in one line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'casewire-read-only-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', folder]);
  onTestFinished(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  const all = new StartAll(folder);
  onTestFinished(() => all.destroy());
  expect(await all.ended()).toBe(1);
  expect(all.output).toMatch(/^Casewire does not start\. EROFS: read-only file system, .*\n/);
  expect(all.output).not.toMatch(/^\s+at /m);
});
