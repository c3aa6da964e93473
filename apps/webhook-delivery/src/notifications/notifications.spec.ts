import { randomUUID } from 'node:crypto';

import type { PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../test/delivery-database.ts';
import {
  callback,
  endpoint,
  organization,
  organizationId,
  resultOf,
  Partition,
  type TestDestination,
} from '../../test/events.ts';
import { KeptLog } from '../../test/scripted-store.ts';
import { gatherAlerts } from './gather-alerts.ts';
import { deleteOldNotifications } from './notification-retention.ts';
import { NotificationsService } from './notifications.service.ts';
import { Notifications } from './notifications.ts';
import { writeNotifications, type NotificationRules } from './write-notifications.ts';

let database: DeliveryDatabase;
let partitions: number;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(() => void (partitions = 0));
afterEach(() => database.clear());
afterAll(() => database.drop());

const leaseHolder = randomUUID();
const minute = 60_000;
const to = endpoint({ url: 'https://receiver.example/hook?token=secret' });
const acme = organization({ notificationEmail: 'service@acme.example' });
const rules = (over: Partial<NotificationRules> = {}): NotificationRules => ({
  gatherMs: 5 * minute,
  quietMs: 60 * minute,
  isSent: true,
  organizations: { get: (id) => (id === acme.id ? acme : undefined) },
  endpoints: { get: (id) => (id === to.id ? to : undefined) },
  ...over,
});
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * minute);

/** Gathers alerts, and writes the notifications that are due at that time. */
const write = (now: Date, over: Partial<NotificationRules> = {}) =>
  onClient(async (client) => {
    await gatherAlerts(client, 1000);
    return writeNotifications(client, now, rules(over));
  });

async function onClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}
const notifications = async () =>
  (await new NotificationsService(database.pool).getAll({ organizationId }, { limit: 100 })).items;

async function onlyNotification() {
  const [notification, ...more] = await notifications();
  expect(more).toEqual([]);
  return notification!;
}

/** Exhausted deliveries, each in a lane of its own. */
async function exhausted(count = 1, destination: TestDestination = to, error = 'HTTP_503') {
  const { store } = database;
  const keys = Array.from({ length: count }, (_, i) => ({
    key: `${partitions}-${i}`,
    type: 'case.completed',
  }));
  await store.ingest(new Partition(partitions++).batch([destination], ...keys));
  const heads = await store.claim(leaseHolder, 2 * count + 2);
  expect(heads).toHaveLength(count);
  await store.recordResults(
    leaseHolder,
    heads.map((head) => resultOf(head, 'exhausted', { error, requestedPauseMs: 0, sent: false })),
  );
  return heads;
}

test('TW-13 an outage with ten thousand exhausted deliveries leads to one notification', async () => {
  const [head] = await exhausted();
  await database.pool.query(
    `insert into delivery_event (destination_id, data, occurred_at)
     select destination_id, data, occurred_at + make_interval(secs => n * 0.01) from delivery_event, generate_series(1, 9999) n`,
  );
  expect(await write(inMinutes(4))).toBe(0);
  expect(await write(inMinutes(6))).toBe(1);
  expect(await write(inMinutes(7))).toBe(0);
  const notification = await onlyNotification();
  expect(notification).toMatchObject({
    to: 'service@acme.example',
    subject: 'Webhooks to receiver.example could not be delivered',
    sentAt: null,
  });
  const { rows } = await database.pool.query<{ first: Date; last: Date }>(
    'select min(occurred_at) as first, max(occurred_at) as last from delivery_event',
  );
  const second = (moment: Date) => moment.toISOString().slice(0, 19).replace('T', ' ');
  const { text } = notification;
  expect(text).toContain('10000 deliveries failed and will not be retried');
  expect(text).toContain(
    `the first on ${second(rows[0]!.first)} UTC, the last on ${second(rows[0]!.last)} UTC`,
  );
  expect(text).toContain(`delivery ${head!.deliveryId} (case.completed), HTTP_503 at attempt 1`);
  expect(text).toContain(
    `POST /delivery/v1/replays {"kind":"failed","endpointId":"${to.id}","since":"${rows[0]!.first.toISOString()}"}`,
  );
  expect(text).not.toContain('/hook');
});

test('TW-13 failures after a notification are gathered until the quiet time has passed', async () => {
  await exhausted();
  expect(await write(inMinutes(6))).toBe(1);
  await exhausted(3);
  expect(await write(inMinutes(65))).toBe(0);
  await exhausted(2);
  expect(await write(inMinutes(67))).toBe(1);
  const [second, first] = await notifications();
  expect(first!.text).toContain('1 delivery failed and will not be retried');
  expect(second!.text).toContain('5 deliveries failed and will not be retried');
});

test('TW-13 all due alerts of an organization are in one notification, with steps for each endpoint', async () => {
  const gone = endpoint();
  await exhausted(2);
  await exhausted(1, gone);
  await database.store.suspend(to.id, 'failing');
  await database.store.ingest(new Partition(99).batch([gone], {}));
  await database.store.suspend(gone.id, 'gone');
  await database.store.expire(inMinutes(1));
  expect(await write(inMinutes(6))).toBe(1);
  const { subject, text } = await onlyNotification();
  expect(subject).toBe('Webhooks to 2 endpoints could not be delivered');
  expect(text).toContain(`receiver.example (endpoint ${to.id}, sandbox)`);
  expect(text).toContain(`a deleted endpoint (endpoint ${gone.id}, sandbox)`);
  expect(text).toContain('It was suspended on');
  expect(text).toContain('it responded with 410 Gone');
  expect(text).toContain('1 delivery expired');
  expect(text).toContain(`POST /delivery/v1/endpoints/${to.id}/resume`);
});

test('TW-13 a blocked lane is in a notification, unless it was unblocked before', async () => {
  const { store } = database;
  await store.ingest(new Partition(1).batch([to], { key: 'a' }, { key: 'b' }));
  const heads = await store.claim(leaseHolder, 10);
  await store.recordResults(
    leaseHolder,
    heads.map((head) => resultOf(head, 'blocked', { error: 'HTTP_404' })),
  );
  await write(inMinutes(1));
  await store.unblock({ laneId: heads[0]!.laneId }, 'retry');
  expect(await write(inMinutes(6))).toBe(1);
  const { text } = await onlyNotification();
  expect(text).toContain('1 lane waits for your decision');
  expect(text).toContain(
    `delivery ${heads[1]!.deliveryId} (thing.happened), HTTP_404 at attempt 1`,
  );
  // It is still blocked, and there is a notification already.
  expect(await write(inMinutes(600))).toBe(0);
});

test('a notification contains no data of events, and only the host of a URL', async () => {
  const url = 'https://one.test/applicants/jane-doe?token=secret';
  await exhausted(
    1,
    { callback: callback(url) },
    'CONVERSION_FAILED: name "Jane Doe" at https://one.test/applicants',
  );
  await exhausted(1, to, `ENOTFOUND: getaddrinfo ENOTFOUND ${to.url}`);
  await write(inMinutes(6));
  const { text } = await onlyNotification();
  expect(text).toContain('callback URLs at one.test (sandbox)');
  expect(text).toContain('CONVERSION_FAILED at attempt 1');
  expect(text).toContain('ENOTFOUND at attempt 1');
  expect(text).not.toMatch(/jane|secret|applicants|\/hook|getaddrinfo/i);
});

test('each organization gets its own notification, about its own endpoints', async () => {
  const other = organization({
    id: randomUUID(),
    name: 'Other',
    notificationEmail: 'hooks@other.example',
  });
  const theirs = endpoint({ organizationId: other.id, url: 'https://theirs.example/' });
  await exhausted(1);
  await exhausted(2, theirs);
  const both = {
    organizations: { get: (id: string) => [acme, other].find((one) => one.id === id) },
    endpoints: { get: (id: string) => [to, theirs].find((one) => one.id === id) },
  };
  expect(await write(inMinutes(6), both)).toBe(2);
  expect(await onlyNotification()).toMatchObject({
    to: 'service@acme.example',
    text: expect.not.stringContaining('theirs.example'),
  });
  const page = await new NotificationsService(database.pool).getAll(
    { organizationId: other.id },
    { limit: 100 },
  );
  expect(page.items).toMatchObject([
    { to: 'hooks@other.example', text: expect.not.stringContaining('receiver.example') },
  ]);
});

test('an organization without an address gets no notification, and its alerts are closed', async () => {
  const quiet = { organizations: { get: () => organization() } };
  await exhausted();
  expect(await write(inMinutes(6), quiet)).toBe(0);
  expect(await notifications()).toEqual([]);
  // An address that is added later does not get old alerts.
  expect(await write(inMinutes(7))).toBe(0);
  await exhausted();
  expect(await write(inMinutes(13))).toBe(1);
});

test('resuming an endpoint raises no alert', async () => {
  await database.store.setDestination({ endpointId: to.id, ...to });
  await database.store.suspend(to.id, 'failing');
  expect(await write(inMinutes(6))).toBe(1);
  await database.store.resume(to.id);
  expect(await write(inMinutes(600))).toBe(0);
});

test('instances that gather at the same time count everything once', async () => {
  await exhausted(20);
  const instances = [1, 2, 3, 4].map(
    () =>
      new Notifications({
        ...rules({ gatherMs: 0, quietMs: 0 }),
        databaseUrl: database.url,
        mail: null,
        now: () => inMinutes(6),
        logger: new KeptLog(),
      }),
  );
  for (const instance of instances) instance.start();
  await expect.poll(notifications).toHaveLength(1);
  // The one that leads stops, and the next one finds nothing left.
  for (const instance of instances) await instance.stop();
  expect(await notifications()).toHaveLength(1);
  expect((await notifications())[0]!.text).toContain(
    '20 deliveries failed and will not be retried',
  );
});

test('TW-13 without a mail server notifications are written as well, and can be read over the API', async () => {
  await exhausted(2);
  const sending = new Notifications({
    ...rules({ gatherMs: 0 }),
    databaseUrl: database.url,
    mail: null,
    now: () => new Date(),
    logger: new KeptLog(),
  });
  sending.start();
  await expect.poll(notifications).toHaveLength(1);
  await sending.stop();
  expect(await onlyNotification()).toMatchObject({ to: 'service@acme.example', sentAt: null });
  const { rows } = await database.pool.query('select next_try_at from notification');
  expect(rows).toEqual([{ next_try_at: Infinity }]);
});

test('old notifications are deleted with their alerts, and new ones stay', async () => {
  const { pool } = database;
  for (const minutes of [6, 100]) {
    await exhausted();
    await write(inMinutes(minutes));
  }
  await exhausted();
  await onClient((client) => gatherAlerts(client));
  expect(await deleteOldNotifications(pool, inMinutes(50))).toBe(1);
  expect(await notifications()).toHaveLength(1);
  const { rows } = await pool.query('select notification_id from alert order by id');
  expect(rows).toEqual([
    { notification_id: (await onlyNotification()).id },
    { notification_id: null },
  ]);
});

test('an organization sees only its own notifications, page by page', async () => {
  for (let i = 0; i < 5; i++) {
    await exhausted();
    await write(inMinutes(6 + 61 * i));
  }
  const service = new NotificationsService(database.pool);
  expect(await service.getAll({ organizationId: randomUUID() }, { limit: 2 })).toEqual({
    items: [],
    next: null,
  });
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await service.getAll({ organizationId }, { limit: 2, ...(cursor && { cursor }) });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor);
  expect(seen).toEqual((await notifications()).map(({ id }) => id));
  expect(seen).toHaveLength(5);
  await expect(service.getAll({ organizationId }, { limit: 2, cursor: 'none' })).rejects.toThrow(
    /./,
  );
});
