import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

import { casesDatabase, storeCase } from '@casewire/cases/testing';
import type { TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { run } from './cli.ts';

let database: TestDatabase;
let caseId: string;
beforeAll(async () => {
  database = await casesDatabase();
  caseId = await storeCase(database.pool);
});
beforeEach(() => setStatus('processing'));
afterAll(() => database.drop());

const setStatus = (status: string) =>
  database.pool.query('update case_view set status = $2 where id = $1', [caseId, status]);

async function storedStatus(): Promise<string> {
  const { rows } = await database.pool.query('select status from case_view where id = $1', [
    caseId,
  ]);
  return rows[0].status;
}

const leftSchemas = () =>
  database.pool.query(`select from pg_namespace where nspname like 'rebuilt%'`);

/** Runs a command; its output, its errors and its exit code. */
async function casewire(args: string[], env: NodeJS.ProcessEnv = {}) {
  const [output, errors]: string[][] = [[], []];
  const code = await run(
    args,
    { CASES_DATABASE_URL: database.url, ...env },
    {
      print: (line) => void output!.push(line),
      error: (line) => void errors!.push(line),
    },
  );
  return { code, output: output!.join('\n'), errors: errors!.join('\n') };
}
const rebuild = (...args: string[]) => casewire(['cases', 'rebuild', ...args]);

test('it exits with 0 if the read model is as the domain events say', async () => {
  expect(await rebuild()).toEqual({
    code: 0,
    errors: '',
    output: `1 cases with 3 domain events

the read model is as the domain events say`,
  });
  expect((await leftSchemas()).rowCount).toBe(0);
});

test('it exits with 1 if the read model differs, counts the rows by table, and changes nothing', async () => {
  await setStatus('completed');
  const { code, errors, output } = await rebuild();
  expect({ code, errors }).toEqual({ code: 1, errors: '' });
  expect(output).toMatch(/^case_view +1 +1$/m);
  expect(output).not.toMatch(/^upload_view/m);
  expect(output).toContain('--replace replaces it');
  expect(await storedStatus()).toBe('completed');
});

test('with --replace it replaces the read model and exits with 0', async () => {
  await setStatus('completed');
  const { code, output } = await rebuild('--replace');
  expect(code).toBe(0);
  expect(output).toMatch(/^case_view +1 +1$/m);
  expect(output).toContain('was replaced');
  expect(await storedStatus()).toBe('processing');
  expect(await rebuild()).toMatchObject({ code: 0 });
});

test('as JSON it prints one document', async () => {
  await setStatus('completed');
  const { code, output } = await rebuild('--json');
  expect(code).toBe(1);
  expect(JSON.parse(output)).toEqual({
    streams: 1,
    events: 3,
    differences: [{ table: 'case_view', missing: 1, unexpected: 1 }],
    replaced: false,
  });
});

test('what a rebuild that was ended by a signal left is removed', async () => {
  await database.pool.query(
    'create schema rebuilt_case_views create table case_view (id uuid primary key)',
  );
  expect(await rebuild()).toMatchObject({ code: 0 });
  expect((await leftSchemas()).rowCount).toBe(0);
});

test('a second rebuild of the same database is refused', async () => {
  const client = await database.pool.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtext('rebuilt_case_views'))`);
    expect(await rebuild()).toEqual({
      code: 2,
      output: '',
      errors: 'this command runs already on this database',
    });
  } finally {
    client.release(true);
  }
});

test.each([
  [['cases', 'rebuild', '--all'], /--all/],
  [['cases', 'rebuild', 'now'], /now/],
  [['cases', 'rebuild', '--replace=x'], /--replace/],
  [['cases', 'reconcile'], /usage: npm run casewire/],
])('%j is wrong usage', async (args, message) => {
  const { code, errors, output } = await casewire(args);
  expect({ code, output }).toEqual({ code: 2, output: '' });
  expect(errors).toMatch(message);
  expect(errors).toContain('cases rebuild [--replace]');
});

test('a missing or unreachable database is reported, without its password', async () => {
  const at = (CASES_DATABASE_URL: string) =>
    casewire(['cases', 'rebuild'], { CASES_DATABASE_URL, CASEWIRE_DIRECTORY: '/nowhere' });
  expect(await at('')).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/CASES_DATABASE_URL: is needed/),
  });
  const { code, errors } = await at('postgres://user:word@127.0.0.1:1/none');
  expect(code).toBe(2);
  expect(errors).toMatch(/ECONNREFUSED/);
  expect(errors).not.toContain('word');
});

test('the process ends with the exit code', async () => {
  await setStatus('completed');
  const ran = promisify(execFile)(
    process.execPath,
    ['--import', '#register', 'apps/cli/src/main.ts', 'cases', 'rebuild'],
    {
      cwd: resolve(import.meta.dirname, '../../..'),
      env: { PATH: process.env.PATH, CASES_DATABASE_URL: database.url },
    },
  );
  await expect(ran).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('is not as the domain events say'),
    stderr: '',
  });
});
