import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { TcpProxy } from '@casewire/testing';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../test/delivery-database.ts';
import { organizationId } from '../../test/events.ts';
import { KeptLog } from '../../test/scripted-store.ts';
import { smtpMail } from './mail.ts';
import { NotificationSender } from './notification-sender.ts';

/** Enough for a busy machine. */
const waiting = { timeout: 20_000 };

interface Received {
  from: string;
  to: string[];
  source: string;
}

let database: DeliveryDatabase;
let server: SMTPServer;
let proxy: TcpProxy;
let log: KeptLog;
let received: Received[];
let logins: string[];
/** Response codes for the next recipients; 250 if there is none. */
let responses: number[];
const senders: NotificationSender[] = [];
beforeAll(async () => {
  database = await deliveryDatabase();
  server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      logins.push(`${username} ${password}`);
      done(null, { user: username });
    },
    onRcptTo(_address, _session, done) {
      const responseCode = responses.shift() ?? 250;
      done(responseCode === 250 ? null : Object.assign(new Error('not now'), { responseCode }));
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        received.push({ from, to, source: Buffer.concat(chunks).toString() });
        done();
      });
    },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.server.address() as AddressInfo;
  proxy = await new TcpProxy({ host: '127.0.0.1', port }).start();
});
beforeEach(() => {
  [log, received, logins, responses] = [new KeptLog(), [], [], []];
});
afterEach(async () => {
  await Promise.all(senders.splice(0).map((one) => one.stop()));
  proxy.restore();
  await database.clear();
});
afterAll(async () => {
  await proxy.stop();
  await new Promise<void>((resolve) => server.close(resolve));
  await database.drop();
});

function sending(credentials = '') {
  const mail = smtpMail({
    url: `smtp://${credentials}127.0.0.1:${proxy.port}`,
    from: 'Casewire <webhooks@casewire.example>',
  });
  const sender = new NotificationSender({
    databaseUrl: database.url,
    mail,
    logger: log,
    idleMs: 20,
  });
  senders.push(sender);
  sender.start();
}

async function written(subject: string, age = '0 hours'): Promise<string> {
  const { rows } = await database.pool.query<{ id: string }>(
    `insert into notification (organization_id, recipient, subject, body, created_at, next_try_at)
     values ($1, 'service@acme.example', $2, $3, now() - $4::interval, now()) returning id`,
    [organizationId, subject, `About ${subject}.\n.\nA dot alone, and an é.\n`, age],
  );
  return rows[0]!.id;
}
const stored = async (id: string) => {
  const { rows } = await database.pool.query<{ sent: boolean; tries: number; wait: number | null }>(
    `select sent_at is not null as sent, tries,
       case when isfinite(next_try_at) then extract(epoch from next_try_at - now())::float8 end as wait
     from notification where id = $1`,
    [id],
  );
  return rows[0]!;
};
const triesAgain = (id: string) =>
  database.pool.query('update notification set next_try_at = now() where id = $1', [id]);

test('TW-13 a notification reaches the service account as plain text, once, even with several senders', async () => {
  const id = await written('receiver.example');
  for (let i = 0; i < 3; i++) sending();
  await vi.waitFor(async () => expect(await stored(id)).toMatchObject({ sent: true }), waiting);
  expect(received).toHaveLength(1);
  const [{ from, to, source }] = received as [Received];
  expect({ from, to }).toEqual({ from: 'webhooks@casewire.example', to: ['service@acme.example'] });
  expect(source).toContain('Subject: receiver.example');
  expect(source).toContain('From: Casewire <webhooks@casewire.example>');
  expect(source).toContain(`Message-ID: <notification-${id}@casewire.example>`);
  expect(source).toMatch(/Content-Type: text\/plain; charset=utf-8/i);
  expect(source).toMatch(/Auto-Submitted: auto-generated/i);
  expect(source).toContain('About receiver.example.');
});

test('TW-13 while the server is unavailable notifications wait, longer each time, and are sent afterwards', async () => {
  const ids = [await written('one'), await written('two')];
  proxy.cut();
  sending();
  await vi.waitFor(async () => {
    for (const id of ids) expect(await stored(id)).toMatchObject({ sent: false, tries: 1 });
  }, waiting);
  expect((await stored(ids[0]!)).wait).toBeGreaterThan(30);
  await triesAgain(ids[0]!);
  await vi.waitFor(async () => expect((await stored(ids[0]!)).tries).toBe(2), waiting);
  expect((await stored(ids[0]!)).wait).toBeGreaterThan(90);
  proxy.restore();
  for (const id of ids) await triesAgain(id);
  await vi.waitFor(() => expect(received).toHaveLength(2), waiting);
  for (const id of ids)
    await vi.waitFor(async () => expect((await stored(id)).sent).toBe(true), waiting);
  expect(new Set(log.events)).toEqual(new Set(['notification.not-sent', 'notification.sent']));
});

test('user and password are taken from the URL and decoded', async () => {
  const id = await written('known');
  sending('web%40hooks:p%2Fw%3A1@');
  await vi.waitFor(async () => expect((await stored(id)).sent).toBe(true), waiting);
  expect(logins).toEqual(['web@hooks p/w:1']);
});

test('a refused notification does not stop the others', async () => {
  responses = [550];
  const refused = await written('refused');
  const accepted = await written('accepted');
  sending();
  await vi.waitFor(async () => expect((await stored(accepted)).sent).toBe(true), waiting);
  expect(await stored(refused)).toMatchObject({ sent: false, tries: 1, wait: expect.any(Number) });
});

test('a notification that is refused permanently is given up after a day, and that is logged', async () => {
  responses = [451, 550];
  const id = await written('old', '25 hours');
  sending();
  await vi.waitFor(async () => expect((await stored(id)).tries).toBe(1), waiting);
  expect((await stored(id)).wait).toBeGreaterThan(30);
  await triesAgain(id);
  await vi.waitFor(() => expect(log.events).toContain('notification.given-up'), waiting);
  expect(await stored(id)).toEqual({ sent: false, tries: 2, wait: null });
  expect(received).toEqual([]);
});

test('a notification that is only stored is not sent', async () => {
  const kept = await written('kept');
  await database.pool.query(`update notification set next_try_at = 'infinity' where id = $1`, [
    kept,
  ]);
  const id = await written('sent');
  sending();
  await vi.waitFor(async () => expect((await stored(id)).sent).toBe(true), waiting);
  expect(received.map(({ source }) => /^Subject: (.*)$/m.exec(source)?.[1])).toEqual(['sent']);
  expect(await stored(kept)).toEqual({ sent: false, tries: 0, wait: null });
});
