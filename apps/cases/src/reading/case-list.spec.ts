import { randomUUID } from 'node:crypto';

import { migrate } from '@casewire/service';
import { rowsRead, testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { migrations } from '../migrations/index.ts';
import { caseList, type CaseFilter, type CasePosition } from './case-list.query.ts';

const tenant = { organizationId: randomUUID(), environment: 'sandbox' as const };
const other = { organizationId: randomUUID(), environment: 'sandbox' as const };
const cases = 20_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  for (const { organizationId } of [tenant, other]) await insertCases(organizationId);
  await database.pool.query('vacuum analyze');
}, 120_000);
afterAll(() => database.drop());

const verificationId = randomUUID();

/** A case per minute: every thousandth is in review and of the verification, every two thousandth failed, and forty have the same reference. */
const insertCases = (organizationId: string) =>
  database.pool.query(
    `with inserted as (
       insert into case_view (id, organization_id, environment, status, result, submitted_at, verification_id)
       select gen_random_uuid(), $1, 'sandbox',
         case when n % 1000 = 0 then 'in_review' else 'completed' end,
         case when n % 2000 = 7 then 'failed' else 'succeeded' end,
         '2026-01-01T00:00:00Z'::timestamptz + make_interval(mins => n),
         case when n % 1000 = 0 then $3::uuid when n % 10 = 1 then gen_random_uuid() end
       from generate_series(1, $2::int) n
       returning id, submitted_at)
     insert into case_private (case_id, external_id, reference, metadata)
     select id, 'applicant-' || n, 'link-' || n % 500, '{}'
     from (select id, row_number() over (order by submitted_at) as n from inserted) as numbered`,
    [organizationId, cases, verificationId],
  );

/** How many cases a list of twenty reads. */
const casesRead = (filter: CaseFilter, after?: CasePosition): Promise<number> =>
  rowsRead(database.pool, 'case_view', (db) => caseList(db, tenant, filter, 20, after));

const list = (filter: CaseFilter, limit = 20, after?: CasePosition) =>
  caseList(database.pool, tenant, filter, limit, after);
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();

test.each<[string, CaseFilter, number[]]>([
  ['status', { status: 'in_review' }, [20_000, 19_000, 18_000]],
  ['result', { result: 'failed' }, [18_007, 16_007, 14_007]],
  ['reference', { reference: 'link-9' }, [19_509, 19_009, 18_509]],
  ['verification', { verificationId }, [20_000, 19_000, 18_000]],
  ['verification and result', { verificationId, result: 'failed' }, []],
  ['time: from this moment on, before that one', { from: at(5), to: at(8) }, [7, 6, 5]],
  ['status and time', { status: 'in_review', from: at(2000), to: at(5000) }, [4000, 3000, 2000]],
  ['reference and result', { reference: 'link-7', result: 'failed' }, [18_007, 16_007, 14_007]],
])('a list by %s has the cases that match, newest first', async (_, filter, minutes) => {
  const found = await list(filter, 2);
  expect(found.map(({ submittedAt }) => submittedAt)).toEqual(minutes.map(at));
});

test('a list by id and external id has the case only while it has that external id', async () => {
  const [newest] = await list({});
  const { id: caseId } = newest!;
  expect(await list({ caseId, externalId: 'applicant-20000' })).toEqual([newest]);
  expect(await list({ caseId, externalId: 'applicant-1' })).toEqual([]);
});

test.each(['0000-01-01T00:00:00Z', '2000-01-01T00:00:00+23:59'])(
  'a list from %s, which PostgreSQL itself cannot read, has the newest cases',
  async (from) => {
    expect(await list({ from })).toEqual(await list({}));
    expect(await list({ to: from })).toEqual([]);
  },
);

test('pages of a filtered list have each case once', async () => {
  const seen: string[] = [];
  for (let after: CasePosition | undefined; ;) {
    const found = await list({ reference: 'link-9' }, 7, after);
    seen.push(...found.slice(0, 7).map(({ submittedAt }) => submittedAt));
    if (found.length <= 7) break;
    after = found[6]!;
  }
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => at(19_509 - 500 * i)));
});

test.each<[string, CaseFilter, number]>([
  ['without a filter', {}, 21],
  ['by a status that few have', { status: 'in_review' }, 21],
  ['by a status that none has', { status: 'canceled' }, 0],
  ['by a result that few have', { result: 'failed' }, 10],
  ['by a result that none has', { result: 'partially_failed' }, 0],
  ['by status and result', { status: 'completed', result: 'failed' }, 10],
  ['by a period', { from: at(10_000), to: at(10_100) }, 21],
  ['by status and a period', { status: 'completed', from: at(10_000), to: at(10_100) }, 21],
  ['by a verification', { verificationId }, 20],
  ['by a verification that is unknown', { verificationId: randomUUID() }, 0],
  // The eighty cases of both organizations that have it; the plan counts removed rows as rounded means.
  ['by a reference', { reference: 'link-9' }, 120],
])('a list %s reads no more cases than it needs', async (_, filter, most) => {
  expect(await casesRead(filter)).toBeLessThanOrEqual(most);
  const after = { submittedAt: at(10_050), id: randomUUID() };
  expect(await casesRead(filter, after)).toBeLessThanOrEqual(most);
});
