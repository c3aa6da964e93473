import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { Client, Pool } from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  url: string;
  pool: Pool;
  /** Closes the pool and removes the database, even if there are other connections. */
  drop(): Promise<void>;
}

/** A new, empty database on the PostgreSQL of the test run. */
export async function testDatabase(): Promise<TestDatabase> {
  const admin = inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(admin, `create database ${name}`);
  const url = admin.replace(/\/postgres$/, `/${name}`);
  const pool = new Pool({ connectionString: url, max: 20, pipeline: true });
  return {
    url,
    pool,
    async drop() {
      await pool.end();
      await dropWhenUnused(admin, name);
    },
  };
}

/** The server notices a closed connection after a moment; a killed process never closes its connections. */
async function dropWhenUnused(admin: string, name: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      await execute(admin, `drop database ${name}`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== '55006') throw error;
      await delay(20);
    }
  }
  await execute(admin, `drop database ${name} with (force)`);
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
