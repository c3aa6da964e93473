import { randomUUID } from 'node:crypto';

import { rebuild } from '@casewire/event-sourcing';
import { inTransaction, migrate } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { submitting, tenant, upload } from '../../test/case-trial.ts';
import { commandSequences, type Step } from '../../test/command-sequences.ts';
import { migrations } from '../migrations/index.ts';
import { caseView } from '../reading/case-view.query.ts';
import type { CaseCommand } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
import { execute } from './case-repository.ts';
import { initialState, statusOf, type CaseState } from './case-state.ts';
import { caseViewProjection } from './case-view.projection.ts';
import { evolve } from './evolve.ts';
import { CommandInvalid, CommandRefused, UnknownReview, UnknownRun } from './refusals.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
});
afterAll(() => database.drop());

const run = (caseId: string, command: CaseCommand) =>
  inTransaction(database.pool, (client) => execute(client, caseId, command));

const refusals = [CommandRefused, CommandInvalid, UnknownReview, UnknownRun];
const runUnlessRefused = (caseId: string, command: CaseCommand): Promise<CaseDomainEvent[]> =>
  run(caseId, command).catch((error: unknown) => {
    if (refusals.some((kind) => error instanceof kind)) return [];
    throw error;
  });

async function play(caseId: string, steps: readonly Step[]): Promise<CaseState> {
  let state = initialState();
  for (const [index, step] of steps.entries()) {
    const events = await runUnlessRefused(caseId, step(state, index, caseId));
    state = events.reduce(evolve, state);
  }
  return state;
}

async function rowOf(caseId: string) {
  const { rows } = await database.pool.query<{ status: string; versions: number[] }>(
    `select status, (select array_agg(coalesce(u.extraction_version, 0) order by u.id)
       from upload_view u where u.case_id = v.id) as versions
     from case_view v where id = $1`,
    [caseId],
  );
  return rows[0]!;
}

test('the read model agrees with the aggregate after every sequence, and with a rebuilt one, while sequences go on', async () => {
  const cases = new Map<string, CaseState>();
  const playing = fc.assert(
    fc.asyncProperty(commandSequences, async (steps) => {
      const caseId = randomUUID();
      const state = await play(caseId, steps);
      cases.set(caseId, state);
      const versions = [...state.uploads.values()]
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ extractionVersion }) => extractionVersion);
      expect(await rowOf(caseId)).toEqual({ status: statusOf(state), versions });
    }),
    { numRuns: 30 },
  );
  const during = await rebuild(database.pool, caseViewProjection, { replace: true, batch: 5 });
  await playing;
  expect(during.differences).toEqual([]);
  const afterwards = await rebuild(database.pool, caseViewProjection, { replace: false });
  expect(afterwards).toMatchObject({ streams: cases.size, differences: [] });
  expect(cases.size).toBeGreaterThanOrEqual(30);
});

test('a rebuilt read model shows a fault in the live one', async () => {
  const caseId = randomUUID();
  await run(caseId, submitting([upload()]));
  await database.pool.query(`update case_view set status = 'completed' where id = $1`, [caseId]);
  const options = { replace: true };
  expect(await rebuild(database.pool, caseViewProjection, options)).toMatchObject({
    differences: [{ table: 'case_view', missing: 1, unexpected: 1 }],
  });
  expect((await rowOf(caseId)).status).toBe('processing');
});

test('only the organization of a case can read it, and only in its environment', async () => {
  const caseId = randomUUID();
  await run(caseId, submitting([upload()]));
  const asTenant = (changes: object) => caseView(database.pool, { ...tenant, ...changes }, caseId);
  expect(await asTenant({})).toBeDefined();
  expect(await asTenant({ environment: 'production' })).toBeUndefined();
  expect(await asTenant({ organizationId: randomUUID() })).toBeUndefined();
});
