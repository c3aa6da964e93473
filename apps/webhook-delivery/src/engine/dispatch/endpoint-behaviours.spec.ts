import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { dialects } from '@casewire/webhooks';
import type { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { certificate } from '../../../test/certificates.ts';
import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { endpoint, Partition } from '../../../test/events.ts';
import { KeptLog } from '../../../test/scripted-store.ts';
import { guardedAgent } from '../egress/guarded-agent.ts';
import { AttemptWriter } from './attempt-writer.ts';
import { Dispatcher } from './dispatcher.ts';
import { send } from './sender.ts';

/** However busy the machine is. */
const patience = { timeout: 20_000 };
const authority = certificate({});

let database: DeliveryDatabase;
let agent: Agent;
const open: (() => unknown)[] = [];
beforeAll(async () => {
  database = await deliveryDatabase();
  const policy = { allow: ['127.0.0.0/8', 'receiver.test'], plainHttp: true };
  agent = guardedAgent(policy, async () => ['127.0.0.1'], { ca: authority.cert });
});
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  await expectNoFaults(database);
  await database.clear();
});
afterAll(async () => {
  await agent.destroy();
  await database.drop();
});

async function listening(server: Server): Promise<number> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** An endpoint that does to each connection, once a request has come, what it is told to. */
async function behaving(behave: (socket: Socket) => unknown) {
  const server = createServer((socket) => socket.once('data', () => void behave(socket)));
  return `http://127.0.0.1:${await listening(server)}/`;
}
const answering =
  (status: string, ...headers: string[]) =>
  (socket: Socket) =>
    socket.end(
      ['HTTP/1.1 ' + status, ...headers, 'content-length: 0', 'connection: close', '', ''].join(
        '\r\n',
      ),
    );
async function drip(socket: Socket, piece: string, everyMs: number) {
  while (!socket.destroyed) {
    socket.write(piece);
    await delay(everyMs);
  }
}
const withTls = async (over: Parameters<typeof certificate>[0]) => {
  const { cert, key } = certificate({ issuer: authority, ...over });
  const server = createHttpsServer({ cert, key }, (_, response) => response.writeHead(204).end());
  return `https://receiver.test:${await listening(server)}/`;
};

/** One delivery to the URL, until its first attempt is on record. */
async function attempted(url: string) {
  const { store, inspect } = database;
  const leaseHolder = randomUUID();
  const log = new KeptLog();
  const short = { ...dialects.casewire, timeoutMs: 700 };
  const dispatcher = new Dispatcher({
    leaseHolder,
    slots: 4,
    store,
    attemptWriter: new AttemptWriter(store, leaseHolder, log),
    targetOf: () => ({ url, secrets: [Buffer.alloc(32)], token: null, headers: {}, http: agent }),
    policyOf: () => ({ delays: null, onExhausted: 'skip' }),
    send,
    now: () => new Date(),
    monotonic: () => performance.now(),
    random: () => 0.5,
    timeFactor: 1,
    logger: log,
    dialects: { ...dialects, casewire: short },
  });
  await store.ingest(new Partition().batch([endpoint()], {}));
  dispatcher.start();
  await vi.waitFor(async () => expect(await inspect.attempts()).toHaveLength(1), patience);
  await dispatcher.stop();
  const [[attempt], [delivery], [lane], [destination]] = await Promise.all([
    inspect.attempts(),
    inspect.deliveries(),
    inspect.lanes(),
    inspect.destinations(),
  ]);
  return { attempt: attempt!, delivery: delivery!, lane: lane!, destination: destination! };
}

describe('TE-26 TI-25 an endpoint that gives no answer is tried again:', () => {
  test.each<[string, (socket: Socket) => unknown, RegExp]>([
    ['it hangs', () => undefined, /^TIMEOUT/],
    [
      'its headers come byte by byte',
      async (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
        await drip(socket, 'a', 50);
      },
      /^TIMEOUT/,
    ],
    [
      'it only ever says that it goes on',
      (socket) => drip(socket, 'HTTP/1.1 102 Processing\r\n\r\n', 50),
      /^TIMEOUT|^UND_ERR/,
    ],
    [
      'it resets the connection',
      (socket) => socket.resetAndDestroy(),
      /^ECONNRESET|^UND_ERR_SOCKET/,
    ],
    ['it closes the connection', (socket) => socket.end(), /^UND_ERR_SOCKET/],
    ['it speaks no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n\r\n'), /./],
  ])('%s', async (_, behave, error) => {
    const { attempt, delivery, lane, destination } = await attempted(await behaving(behave));
    expect(attempt).toMatchObject({ status: null, followed: true });
    expect(attempt.error).toMatch(error);
    expect(delivery).toMatchObject({ state: 'pending', attempts: 1, lastStatus: null });
    expect(lane.dueInMs).toBeGreaterThan(3000);
    expect(destination).toMatchObject({ failures: 1, failing: true });
  });

  test.each<[string, Parameters<typeof certificate>[0], string]>([
    [
      'its certificate has expired',
      { names: ['receiver.test'], notAfter: new Date(Date.now() - 1000) },
      'CERT_HAS_EXPIRED',
    ],
    [
      'its certificate is for another name',
      { names: ['other.test'] },
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
  ])('%s', async (_, over, code) => {
    const { attempt, delivery } = await attempted(await withTls(over));
    expect(attempt).toMatchObject({ status: null, followed: true });
    expect(attempt.error).toContain(code);
    expect(delivery.state).toBe('pending');
  });
});

describe('TE-25 an endpoint that answers 2xx has taken the event:', () => {
  test('with a certificate for its name', async () => {
    const { delivery } = await attempted(await withTls({ names: ['receiver.test'] }));
    expect(delivery).toMatchObject({ state: 'delivered', lastStatus: 204 });
  });

  test.each<[string, (socket: Socket) => unknown]>([
    ['with nothing more', answering('200 OK')],
    [
      'one byte of its body at a time',
      async (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        await drip(socket, 'a', 100);
      },
    ],
    [
      'with a body that does not end',
      async (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        await drip(socket, 'a'.repeat(16_384), 1);
      },
    ],
    [
      'and breaks off',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () =>
          socket.resetAndDestroy(),
        );
      },
    ],
  ])('%s', async (_, behave) => {
    const { delivery, destination } = await attempted(await behaving(behave));
    expect(delivery).toMatchObject({ state: 'delivered', lastStatus: 200 });
    expect(destination).toMatchObject({ failures: 0, delivered: true });
  });
});

describe('TE-25 an endpoint that answers anything else has not:', () => {
  test('a redirect to where a cloud keeps its credentials is an answer', async () => {
    const metadata = 'location: http://169.254.169.254/latest/meta-data/';
    const { delivery, attempt } = await attempted(await behaving(answering('302 Found', metadata)));
    expect(delivery).toMatchObject({ state: 'pending', lastStatus: 302 });
    expect(attempt).toMatchObject({ error: 'HTTP_302', followed: true });
  });

  test.each<[string, string | null, number, number]>([
    ['nothing about when', null, 5000, 0],
    ['in seconds', '120', 120_000, 120_000],
    ['with a date', new Date(Date.now() + 600_000).toUTCString(), 600_000, 600_000],
    ['with a date that has passed', 'Thu, 22 Jan 2026 10:30:00 GMT', 5000, 0],
    ['with a word', 'soon', 5000, 0],
    ['in a year', '31536000', 86_400_000, 86_400_000],
  ])('429 that says %s', async (_, retryAfter, dueInMs, gateMs) => {
    const headers = retryAfter === null ? [] : [`retry-after: ${retryAfter}`];
    const url = await behaving(answering('429 Too Many Requests', ...headers));
    const { lane, destination, delivery } = await attempted(url);
    expect(delivery).toMatchObject({ state: 'pending', lastStatus: 429 });
    // A date says whole seconds, and this machine may be busy.
    const within = (ms: number) => (value: number) => value > ms - 20_000 && value < ms + 1000;
    expect(lane.dueInMs).toSatisfy(within(dueInMs));
    expect(destination.gateMs).toSatisfy(within(gateMs));
    expect(destination.inFlightLimit).toBe(32);
  });

  test('410 means that it is gone: nothing more is sent, and what is open waits', async () => {
    const { delivery, destination } = await attempted(await behaving(answering('410 Gone')));
    expect(delivery).toMatchObject({ state: 'pending', lastStatus: 410 });
    expect(destination).toMatchObject({ suspension: 'gone', enabled: true });
    await database.inspect.timePasses(86_400_000);
    expect(await database.store.claim(randomUUID(), 10)).toEqual([]);
  });
});
