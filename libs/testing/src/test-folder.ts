import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

/**
 * A new folder for the files of a test file, or of a suite. It is removed after the last test also where a test, or what
 * cleans up after it, fails or takes too long. To be called outside of tests and hooks.
 * @returns its path
 */
export function testFolder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `casewire-${name}-`));
  // What was given up may still be writing.
  afterAll(() => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return path;
}
