import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

/**
 * A new folder for the files of a test file or a suite. It is removed after the last test, even if a test or its clean-up fails or
 * takes too long. Call it outside of tests and hooks.
 * @returns its path
 */
export function testFolder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `casewire-${name}-`));
  // Work that was cancelled may still be writing.
  afterAll(() => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return path;
}
