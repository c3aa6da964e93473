import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';

import { EmbeddedPostgres } from './embedded-postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'casewire-postgres-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask(url: string, sql: string) {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a database survives a stop, and a start takes over from a process that was killed', async () => {
  const directory = join(folder, 'data');
  const first = new EmbeddedPostgres({ directory });
  await first.start();
  await ask(first.url(), 'create table kept as select 42 as n');
  await first.stop();

  const abandoned = new EmbeddedPostgres({ directory });
  await abandoned.start();
  const heir = new EmbeddedPostgres({ directory });
  await heir.start();
  expect(await ask(heir.url(), 'select n from kept')).toEqual([{ n: 42 }]);
  await heir.destroy();
});

test('the server asks for its password', async () => {
  const server = new EmbeddedPostgres({
    directory: join(folder, 'locked'),
    settings: { fsync: 'off' },
  });
  await server.start();
  const wrong = server.url().replace(/:[^:@]+@/, ':guess@');
  await expect(ask(wrong, 'select 1')).rejects.toThrow(/password authentication failed/);
  await server.destroy();
});
