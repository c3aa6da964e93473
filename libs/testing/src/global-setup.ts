import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedPostgres } from '@casewire/embedded-postgres';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** Starts PostgreSQL once for the whole run; each test file makes itself databases in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'casewire-test-'));
  // Test databases are thrown away: they need not survive a power cut.
  const settings = { fsync: 'off', synchronous_commit: 'off', max_connections: '500' };
  const postgres = new EmbeddedPostgres({ directory: join(folder, 'postgres'), settings });
  await postgres.start();
  project.provide('postgresUrl', postgres.url());
  return async () => {
    await postgres.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
}
