import { once } from 'node:events';

import { createLogger } from '@casewire/telemetry';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openDatabase } from './database.ts';

let database: TestDatabase;
let pool: Pool;
const lines: string[] = [];
const write = (line: string) => void lines.push(line);
beforeAll(async () => {
  database = await testDatabase();
  pool = openDatabase(database.url, createLogger('test', 'info', { write }), 1);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('a lost connection is logged with its error, and without the statements that were sent', async () => {
  const client = await pool.connect();
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  expect(secretKey).toEqual(expect.any(Number));
  await client.query({ name: 'statement', text: "select 'a statement of a partner' as statement" });
  const lost = once(pool, 'error');
  client.release();
  await database.pool.query('select pg_terminate_backend($1)', [processID]);
  await lost;

  const logged = lines.map((line) => JSON.parse(line) as { event: string; error: object });
  const [line] = logged.filter(({ event }) => event === 'database.connection-lost');
  expect(line).toMatchObject({
    level: 'warn',
    error: {
      type: expect.any(String),
      message: expect.stringMatching(/terminat/),
      stack: expect.any(String),
    },
  });
  const { password } = new URL(database.url);
  const text = lines.join('');
  for (const secret of [
    'a statement of a partner',
    'secretKey',
    String(secretKey),
    database.url,
    password,
  ])
    expect(text).not.toContain(secret);
  expect(Object.keys(line!.error).filter((key) => !known.has(key))).toEqual([]);
});

const known = new Set(['type', 'message', 'code', 'stack', 'causes']);
