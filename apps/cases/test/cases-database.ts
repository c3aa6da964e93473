import { randomUUID } from 'node:crypto';

import { inTransaction, migrate } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import type { Pool } from 'pg';

import { execute } from '../src/case/case-repository.ts';
import { migrations } from '../src/migrations/index.ts';
import { submitting, upload } from './case-trial.ts';

/** A database of the service. */
export async function casesDatabase(): Promise<TestDatabase> {
  const database = await testDatabase();
  await migrate(database.url, migrations);
  return database;
}

/** Stores a new case with one upload. @returns its id */
export async function storeCase(pool: Pool): Promise<string> {
  const caseId = randomUUID();
  await inTransaction(pool, (client) => execute(client, caseId, submitting([upload()])));
  return caseId;
}
