import { randomUUID } from 'node:crypto';

import { migrate } from '@casewire/service';
import { rowsRead, testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { migrations } from '../migrations/index.ts';
import { orderList, type OrderFilter, type OrderPosition } from './order-list.query.ts';
import { ReadingService } from './reading.service.ts';

const tenant = { organizationId: randomUUID(), environment: 'sandbox' as const };
const other = { organizationId: randomUUID(), environment: 'sandbox' as const };
const orders = 20_000;
const userId = randomUUID();

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  for (const { organizationId } of [tenant, other]) await insertOrders(organizationId);
  await database.pool.query('vacuum analyze');
}, 120_000);
afterAll(() => database.drop());

/** An order per minute: every thousandth is processing, every five hundredth is of another template, and forty are of one user. */
const insertOrders = (organizationId: string) =>
  database.pool.query(
    `with inserted as (
       insert into order_view (id, organization_id, environment, number, status, template_id, template_version, user_id,
         created_by, created_at)
       select gen_random_uuid(), $1, 'sandbox', 'CW-' || regexp_replace(lpad(n::text, 8, '0'), '(....)', '\\1-'),
         case when n % 1000 = 0 then 'processing' else 'completed' end,
         case when n % 500 = 7 then 'tax' else 'casewire.income' end, 1,
         case when n % 500 = 9 then $3::uuid else gen_random_uuid() end,
         '{"type": "api_key", "id": "k", "name": null}', '2026-01-01T00:00:00Z'::timestamptz + make_interval(mins => n)
       from generate_series(1, $2::int) n
       returning id, number, organization_id),
     numbered as (
       insert into order_number (organization_id, environment, number, order_id)
       select organization_id, 'sandbox', number, id from inserted)
     insert into order_private (order_id, metadata) select id, '{}' from inserted`,
    [organizationId, orders, userId],
  );

/** How many orders a list of twenty reads. */
const ordersRead = (filter: OrderFilter, after?: OrderPosition): Promise<number> =>
  rowsRead(database.pool, 'order_view', (db) => orderList(db, tenant, filter, 20, after));

const list = (filter: OrderFilter, limit = 20, after?: OrderPosition) =>
  orderList(database.pool, tenant, filter, limit, after);
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();

test.each<[string, OrderFilter, number[]]>([
  ['status', { status: 'processing' }, [20_000, 19_000, 18_000]],
  ['template', { templateId: 'tax' }, [19_507, 19_007, 18_507]],
  ['user', { userId }, [19_509, 19_009, 18_509]],
  ['time: from this moment on, before that one', { from: at(5), to: at(8) }, [7, 6, 5]],
  ['status and time', { status: 'processing', from: at(2000), to: at(5000) }, [4000, 3000, 2000]],
  ['status and user', { status: 'completed', userId }, [19_509, 19_009, 18_509]],
])('a list by %s has the orders that match, newest first', async (_, filter, minutes) => {
  const found = await list(filter, 2);
  expect(found.map(({ createdAt }) => createdAt)).toEqual(minutes.map(at));
});

test('a list by a number has one order, however the number is written', async () => {
  const reading = new ReadingService(database.pool);
  const query = { limit: 20, number: 'cw oooo ool2' };
  const { items } = await reading.getAll(tenant, query);
  expect(items).toMatchObject([{ createdAt: at(12) }]);
  expect((await reading.getAll(tenant, { ...query, status: 'processing' })).items).toEqual([]);
  expect((await reading.getAll(tenant, { ...query, number: 'CW-0000-0000' })).items).toEqual([]);
});

test.each<[string, OrderFilter, number]>([
  ['the year 0', { from: '0000-01-01T00:00:00Z' }, 2],
  ['before the year 0', { to: '0000-01-01T00:00:00Z' }, 0],
  ['an offset of almost a day', { to: '2026-01-01T23:57:00+23:59' }, 0],
  ['an offset of hours', { from: '2026-01-01T02:03:00+02:00', to: '2026-01-01T02:05:00+02:00' }, 2],
  ['fractions of a microsecond', { from: '9999-12-31T23:59:59.9999999Z' }, 0],
])('a period with %s has the orders that it contains', async (_, filter, count) => {
  const found = await list(filter, 1);
  expect(found).toHaveLength(count);
});

test('pages of a filtered list have each order once', async () => {
  const reading = new ReadingService(database.pool);
  const seen: string[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const found = await reading.getAll(tenant, { userId, limit: 7, cursor });
    seen.push(...found.items.map(({ createdAt }) => createdAt));
    cursor = found.next ?? undefined;
    more = cursor !== undefined;
  }
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => at(19_509 - 500 * i)));
});

test.each<[string, OrderFilter, number]>([
  ['without a filter', {}, 21],
  ['by a status that few have', { status: 'processing' }, 21],
  ['by a status that none has', { status: 'canceled' }, 0],
  // The newest one has another status.
  ['by a status that most have', { status: 'completed' }, 22],
  ['by a template that few have', { templateId: 'tax' }, 21],
  ['by a template that most have', { templateId: 'casewire.income' }, 21],
  ['by a template that none has', { templateId: 'none' }, 0],
  ['by a user', { userId }, 21],
  ['by a user that none has', { userId: randomUUID() }, 0],
  ['by an order', { orderId: randomUUID() }, 0],
  ['by a period', { from: at(10_000), to: at(10_100) }, 21],
  ['by status and a period', { status: 'completed', from: at(10_000), to: at(10_100) }, 21],
  ['by template and a period', { templateId: 'tax', from: at(1000), to: at(9000) }, 21],
  // No index has both: it reads those with the template.
  ['by a status and a template that few have', { status: 'processing', templateId: 'tax' }, 40],
])('a list %s reads no more orders than it needs', async (_, filter, most) => {
  expect(await ordersRead(filter)).toBeLessThanOrEqual(most);
  const after = { createdAt: at(10_050), id: randomUUID() };
  expect(await ordersRead(filter, after)).toBeLessThanOrEqual(most);
});
