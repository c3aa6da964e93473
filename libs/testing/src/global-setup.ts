import { join } from 'node:path';

import { EmbeddedPostgres } from '@casewire/embedded-postgres';
import type { TestProject } from 'vitest/node';

import { RunFolder } from './run-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** Fails a test run that left files behind. */
export class TestsLeftFiles extends Error {
  readonly code = 'TESTS_LEFT_FILES';
  constructor(readonly names: readonly string[]) {
    super(`the tests left files in the folder for temporary files: ${names.join(', ')}`);
    this.name = 'TestsLeftFiles';
  }
}

/**
 * Starts PostgreSQL once for the whole run; each test file creates its own databases in it. All temporary files of the run and of its
 * processes are in one folder, which must be empty at the end.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await RunFolder.create();
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder.path;
  // Test databases are temporary: they need not survive a power failure.
  const settings = { fsync: 'off', synchronous_commit: 'off', max_connections: '500' };
  const postgres = new EmbeddedPostgres({ directory: join(folder.path, 'postgres'), settings });
  await postgres.start();
  project.provide('postgresUrl', postgres.url());
  return async () => {
    await postgres.destroy();
    const left = await folder.leftovers();
    const [removal] = await Promise.allSettled([folder.remove()]);
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    if (left.length > 0) throw new TestsLeftFiles(left);
    if (removal.status === 'rejected') throw removal.reason;
  };
}
