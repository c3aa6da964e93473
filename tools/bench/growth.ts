import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedPostgres } from '@casewire/embedded-postgres';
import { migrate } from '@casewire/service';
import { PostgresLaneStore } from '@casewire/webhook-delivery';
import { migrations } from '@casewire/webhook-delivery';
import { drain } from '@casewire/webhook-delivery/testing';
import { endpoint, Partition } from '@casewire/webhook-delivery/testing';
import { Pool } from 'pg';

import { explained, type Buffers } from './growth/explained.ts';
import { writeHistory } from './growth/history.ts';

/**
 * Measures the cost of a delivery as the database grows: the buffers that its statements touch from ingest to settlement,
 * with more history and with more endpoints; and the deliveries that one connection settles per second.
 */
const sizes = [
  { endpoints: 1000, history: 1_000 },
  { endpoints: 1000, history: 100_000 },
  { endpoints: 1000, history: 1_000_000 },
  { endpoints: 10, history: 100_000 },
  { endpoints: 10_000, history: 100_000 },
];
const eventsAtOnce = 100;
const rounds = { explained: 5, timed: 40 };
const print = (line: string) => void process.stdout.write(`${line}\n`);
const round = (value: number, digits = 1) => Number(value.toFixed(digits));

const uuid = (text: string) =>
  createHash('md5')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** Batches of events of new cases, distributed over the endpoints. */
function* batches(endpoints: number, count: number, partition: Partition) {
  for (let n = 0; n < count; n++) {
    const place = (n % endpoints) + 1;
    const organizationId = uuid(`organization${place}`);
    const to = endpoint({ id: uuid(`endpoint${place}`), organizationId });
    const events = Array.from({ length: eventsAtOnce }, (_, i) => ({
      key: `fresh-${partition.number}-${n}-${i % 20}`,
      organizationId,
    }));
    yield partition.batch([to], ...events);
  }
}

async function deliver(store: PostgresLaneStore, endpoints: number, count: number, number: number) {
  let delivered = 0;
  for (const batch of batches(endpoints, count, new Partition(number))) {
    await store.ingest(batch);
    delivered += (await drain(store)).length;
  }
  return delivered;
}

async function measure(postgres: EmbeddedPostgres, endpoints: number, history: number) {
  const name = `growth_${endpoints}_${history}`;
  const admin = new Pool({ connectionString: postgres.url(), max: 1 });
  await admin.query(`create database ${name}`);
  await migrate(postgres.url(name), migrations);
  const pool = new Pool({ connectionString: postgres.url(name), max: 4, pipeline: true });
  try {
    await writeHistory(pool, endpoints, history);
    const plain = new PostgresLaneStore(pool);
    await deliver(plain, endpoints, 2, 1);
    const began = performance.now();
    const timed = await deliver(plain, endpoints, rounds.timed, 2);
    const perSecond = timed / ((performance.now() - began) / 1000);
    const buffers: Buffers = new Map();
    const counted = await deliver(
      new PostgresLaneStore(explained(pool, buffers)),
      endpoints,
      rounds.explained,
      3,
    );
    const byStatement = [...buffers]
      .map(([statement, touched]) => ({ statement, buffers: round(touched / counted) }))
      .toSorted((a, b) => b.buffers - a.buffers);
    const total = [...buffers.values()].reduce((sum, touched) => sum + touched, 0) / counted;
    return {
      endpoints,
      history,
      buffers: round(total),
      perSecond: round(perSecond, 0),
      byStatement,
    };
  } finally {
    await pool.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'casewire-bench-'));
// If root starts PostgreSQL, it runs as another user account, which needs access to this folder.
chmodSync(folder, 0o755);
const postgres = new EmbeddedPostgres({ directory: join(folder, 'postgres') });
await postgres.start();
try {
  print('endpoints   history   buffers a delivery   deliveries/s   most of the buffers');
  const measured = [];
  for (const { endpoints, history } of sizes) {
    const one = await measure(postgres, endpoints, history);
    measured.push(one);
    const most = one.byStatement.slice(0, 4).map((s) => `${s.statement} ${s.buffers}`);
    print(
      `${String(endpoints).padStart(9)} ${String(history).padStart(9)} ${String(one.buffers).padStart(20)} ${String(one.perSecond).padStart(14)}   ${most.join(', ')}`,
    );
  }
  if (process.argv.includes('--json')) print(JSON.stringify({ growth: measured }));
} finally {
  await postgres.destroy();
  rmSync(folder, { recursive: true, force: true });
}
