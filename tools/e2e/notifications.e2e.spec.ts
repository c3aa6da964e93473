import 'reflect-metadata';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import type { Page } from '@casewire/client';
import { DeliveryEvent, Topics, type NotificationView } from '@casewire/contracts';
import { EventLog, KeyedConsumer } from '@casewire/event-log';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { TestPlatform } from './test-platform.ts';

/** Long, because a busy machine is slow. */
const patience = { timeout: 60_000, interval: 250 };

let platform: TestPlatform;
let log: EventLog;
let consumer: KeyedConsumer;
const published: DeliveryEvent[] = [];
const mails: string[] = [];
const mailServer = new SMTPServer({
  disabledCommands: ['STARTTLS', 'AUTH'],
  onData(stream, _, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      mails.push(Buffer.concat(chunks).toString());
      done();
    });
  },
});
beforeAll(async () => {
  await once(mailServer.listen(0, '127.0.0.1'), 'listening');
  const { port } = mailServer.server.address() as AddressInfo;
  platform = await TestPlatform.start({
    stages: [],
    env: {
      RETRY_TIME_FACTOR: '0.01',
      DELIVERY_SUSPEND_AFTER_DAYS: '0.0001',
      ALERT_GATHER_MINUTES: '0.03',
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      MAIL_FROM: 'Casewire <webhooks@casewire.example>',
    },
  });
  log = new EventLog({ brokers: [platform.brokers], clientId: 'test' });
  consumer = new KeyedConsumer({
    log,
    groupId: 'test-delivery-events',
    topics: [Topics.deliveryEvents],
    handle: async ({ value }) =>
      void published.push(DeliveryEvent.parse(JSON.parse(String(value)))),
  });
  await consumer.start();
});
afterAll(async () => {
  await consumer?.stop();
  await log?.close();
  await platform?.stop();
  await new Promise<void>((resolve) => mailServer.close(resolve));
});

test('TW-13 TV-L1 an endpoint that fails until its deliveries are given up leads to one notification, and is suspended when it continues to fail', async () => {
  const partner = await platform.partner();
  await platform.operator.changeOrganization(partner.organizationId, {
    notificationEmail: 'service@acme.example',
  });
  const { receiver, endpoint } = await partner.listen({ retry: { delaySeconds: [5, 5] } });
  receiver.respond = (_, response) => void response.writeHead(503).end();
  const notifications = async () =>
    (await partner.client.api.call<Page<NotificationView>>('/delivery/v1/notifications')).items;
  const about = (type: DeliveryEvent['type']) =>
    published.filter((one) => one.type === type && one.endpointId === endpoint.id);

  for (let i = 0; i < 3; i++) await partner.client.ping(endpoint.id);
  await expect.poll(() => about('delivery.exhausted').length, patience).toBeGreaterThan(2);
  expect(about('delivery.exhausted')).toMatchObject(
    Array.from({ length: 3 }, () => ({ attempts: 3, lastStatus: 503, environment: 'sandbox' })),
  );
  await expect.poll(notifications, patience).toHaveLength(1);
  const { host } = new URL(receiver.url());
  expect((await notifications())[0]).toMatchObject({
    to: 'service@acme.example',
    subject: `Webhooks to ${host} could not be delivered`,
    text: expect.stringContaining('HTTP_503 at attempt 3'),
  });
  await expect.poll(async () => (await notifications())[0]?.sentAt, patience).not.toBeNull();
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain('To: service@acme.example');
  expect(mails[0]).toContain('HTTP_503 at attempt 3');

  await expect
    .poll(async () => {
      if (about('endpoint.suspended').length === 0) await partner.client.ping(endpoint.id);
      return about('endpoint.suspended');
    }, patience)
    .toMatchObject([{ reason: 'failing', environment: 'sandbox' }]);
  await expect
    .poll(
      async () => (await notifications()).map(({ text }) => text.includes('It was suspended on')),
      patience,
    )
    .toEqual([true, false]);

  receiver.respond = (_, response) => void response.writeHead(204).end();
  await partner.client.changeEndpoint(endpoint.id, { description: 'repaired' });
  await expect.poll(() => about('endpoint.resumed'), patience).toHaveLength(1);
  await expect
    .poll(async () => (await partner.client.deliveries({ state: 'pending' })).items, patience)
    .toEqual([]);

  const other = await platform.partner();
  expect(await other.client.api.call('/delivery/v1/notifications')).toEqual({
    items: [],
    next: null,
  });
}, 120_000);
