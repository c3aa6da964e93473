import { randomUUID } from 'node:crypto';

import { Sealer, type Principal } from '@casewire/auth';
import { openBlobStore } from '@casewire/blobs';
import { inTransaction, migrate } from '@casewire/service';
import { testDatabase, testFolder, type TestDatabase } from '@casewire/testing';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { settings, StoredCase } from '../../test/stored-case.ts';
import { CaseActions } from '../actions/case-actions.ts';
import { migrations } from '../migrations/index.ts';
import { caseForExternalId } from '../submission/external-id.ts';
import { RevisionsService } from './revisions.service.ts';

const folder = testFolder('external-ids');
const sealingKey = new Uint8Array(32);
let database: TestDatabase;
let revisions: RevisionsService;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  const actions = new CaseActions(
    database.pool,
    new Sealer(sealingKey),
    { wake: () => undefined },
    { of: () => settings } as never,
    () => new Date('2026-01-01T11:00:00Z'),
  );
  revisions = new RevisionsService(actions, sealingKey);
});
afterAll(() => database.drop());

test('two cases that take the external id of each other at the same time are both refused', async () => {
  const cases = [0, 1].map(() => new StoredCase(database.pool, openBlobStore(folder)));
  const [first] = cases as [StoredCase];
  // One organization for both.
  const principal = { ...first.tenant, keyId: 'key-1', keyName: 'Ana' } as Principal;
  for (const stored of cases) {
    Object.assign(stored.tenant, first.tenant);
    await stored.submit(['extraction']);
  }
  const revise = (i: number, externalId: string) =>
    revisions.reviseCase(principal, cases[i]!.id, { externalId, reason: 'swap' }, undefined);
  await revise(0, 'a');
  await revise(1, 'b');
  for (let round = 0; round < 20; round++) {
    const results = await Promise.allSettled([revise(0, 'b'), revise(1, 'a')]);
    for (const result of results)
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { status: 409, code: 'EXTERNAL_ID_TAKEN' },
      });
  }
});

test('an external id that is released while it is looked for is given to the new case', async () => {
  const { organizationId } = new StoredCase(database.pool, openBlobStore(folder)).tenant;
  const tenant = { organizationId, environment: 'sandbox' } as const;
  const of = (newId: string) => ({ digestKey: sealingKey, newId });
  const [holder, next] = [randomUUID(), randomUUID()];
  await inTransaction(database.pool, (client) =>
    caseForExternalId(client, tenant, 'a', of(holder)),
  );
  const found = await inTransaction(database.pool, (client) => {
    // Another transaction releases the external id between the two statements.
    const released: Pick<PoolClient, 'query'> = {
      query: (async (sql: string, values: unknown[]) => {
        const result = await client.query(sql, values);
        if (sql.includes('insert'))
          await database.pool.query('delete from case_external_id where case_id = $1', [holder]);
        return result;
      }) as PoolClient['query'],
    };
    return caseForExternalId(released as PoolClient, tenant, 'a', of(next));
  });
  expect(found).toBe(next);
});
