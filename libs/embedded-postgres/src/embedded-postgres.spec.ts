import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';

import { EmbeddedPostgres } from './embedded-postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'casewire-postgres-'));
// The account that runs PostgreSQL for root can enter it, so all files are in this folder.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function query(url: string, sql: string) {
  const client = new Client(url);
  client.on('error', () => {}); // the query reports the error
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a database survives a stop, and a start replaces the server of a killed process', async () => {
  const directory = join(folder, 'data');
  const first = new EmbeddedPostgres({ directory });
  await first.start();
  await query(first.url(), 'create table kept as select 42 as n');
  await first.stop();

  const abandoned = new EmbeddedPostgres({ directory });
  await abandoned.start();
  const successor = new EmbeddedPostgres({ directory });
  await successor.start();
  expect(await query(successor.url(), 'select n from kept')).toEqual([{ n: 42 }]);
  await successor.destroy();
});

test('a server ends when the process that started it is killed', async () => {
  const starter = join(folder, 'starter.ts');
  const source = new URL('./embedded-postgres.ts', import.meta.url).pathname;
  writeFileSync(
    starter,
    `import { EmbeddedPostgres } from ${JSON.stringify(source)};
     const server = new EmbeddedPostgres({ directory: ${JSON.stringify(join(folder, 'orphan'))} });
     await server.start();
     console.log(server.url());`,
  );
  const child = spawn(process.execPath, ['--import', '#register', starter], {
    cwd: process.cwd(),
  });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  const url = chunk.toString().trim();
  expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
  child.kill('SIGKILL');
  await expect
    .poll(() => query(url, 'select 1').catch((error: { code?: string }) => error.code))
    .toBe('ECONNREFUSED');
});

test('the server requires its password', async () => {
  const server = new EmbeddedPostgres({
    directory: join(folder, 'locked'),
    settings: { fsync: 'off' },
  });
  await server.start();
  const wrong = server.url().replace(/:[^:@]+@/, ':guess@');
  await expect(query(wrong, 'select 1')).rejects.toThrow(/password authentication failed/);
  await server.destroy();
});
