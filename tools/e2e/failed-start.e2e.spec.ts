import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

import { start as startCases } from '@casewire/cases';
import { start as startCatalog } from '@casewire/event-catalog';
import { start as startOrders } from '@casewire/orders';
import { serviceEnv, startInfrastructure, type Infrastructure } from '@casewire/standalone';
import { start as startSubscriptions } from '@casewire/subscriptions';
import { testFolder } from '@casewire/testing';
import { start as startDelivery } from '@casewire/webhook-delivery';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

const folder = testFolder('failed-start');
let infrastructure: Infrastructure;
let taken: Server;
beforeAll(async () => {
  infrastructure = await startInfrastructure({
    directory: folder,
    postgres: { url: inject('postgresUrl'), prefix: `f${randomUUID().slice(0, 8)}_` },
  });
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
});
afterAll(async () => {
  taken.close();
  await infrastructure.stop();
});

/** The connections to the database of a service, as PostgreSQL counts them. */
async function connections(name: string): Promise<number> {
  const client = new Client({ connectionString: infrastructure.dependencies.databaseUrl(name) });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    return rows[0]!.count;
  } finally {
    await client.end();
  }
}

test.each([
  ['event-catalog', startCatalog, 'CATALOG_PORT', 'casewire_catalog'],
  ['subscriptions', startSubscriptions, 'SUBSCRIPTIONS_PORT', 'casewire_subscriptions'],
  ['cases', startCases, 'CASES_PORT', 'casewire_cases'],
  ['orders', startOrders, 'ORDERS_PORT', 'casewire_orders'],
  ['webhook-delivery', startDelivery, 'DELIVERY_PORT', 'casewire_delivery'],
])(
  'a start of %s that fails at its port reports the port, and leaves no connection open',
  async (_, start, portName, database) => {
    const { port } = taken.address() as AddressInfo;
    const env = serviceEnv(infrastructure.dependencies, {
      [portName]: String(port),
      LOG_LEVEL: 'silent',
    });
    await expect(start(env)).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    await expect.poll(() => connections(database)).toBe(0);
  },
);
