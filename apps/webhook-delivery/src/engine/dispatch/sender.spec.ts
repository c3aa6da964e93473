import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { WebhookReceiver } from '@casewire/testing';
import { afterAll, afterEach, describe, expect, test } from 'vitest';

import { guardedAgent } from '../egress/guarded-agent.ts';
import { send, type OutgoingRequest } from './sender.ts';

const dispatcher = guardedAgent({ allow: ['127.0.0.0/8'], plainHttp: true });
afterAll(() => dispatcher.destroy());

const open: { server: Server; sockets: Socket[] }[] = [];
afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** An endpoint that calls `behave` with each connection when the first bytes of a request arrive. */
async function endpoint(behave: (socket: Socket) => unknown) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.once('data', () => void behave(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({ server, sockets });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets };
}

const post = async (url: string, over: Partial<OutgoingRequest> = {}) => {
  const began = performance.now();
  const response = await send({
    url,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from('{"a":1}'),
    timeoutMs: 300,
    dispatcher,
    ...over,
  });
  return { ...response, ms: performance.now() - began };
};

/** Writes repeatedly until the socket is closed. */
async function drip(socket: Socket, piece: string, everyMs: number) {
  while (!socket.destroyed) {
    socket.write(piece);
    await delay(everyMs);
  }
}

describe('an endpoint that', () => {
  test('responds receives the exact bytes and headers, by POST', async () => {
    const receiver = await new WebhookReceiver().start();
    receiver.respond = (_, response) =>
      void response.writeHead(202, { 'x-own': 'yes', 'set-cookie': 'session=secret' }).end('taken');
    const body = Buffer.from('{"text":"ñ 😀"}');
    const response = await post(receiver.url('/hook?x=1'), {
      body,
      headers: { 'webhook-id': 'some' },
    });
    expect(response).toMatchObject({ status: 202, error: null });
    expect(response.body?.toString()).toBe('taken');
    expect(response.headers).toMatchObject({ 'x-own': 'yes', 'set-cookie': '***' });
    expect(receiver.requests[0]?.body).toEqual(body);
    expect(receiver.requests[0]?.path).toBe('/hook?x=1');
    expect(receiver.requests[0]?.headers).toMatchObject({
      'webhook-id': 'some',
      'content-length': String(body.length),
    });
    await receiver.stop();
  });

  test('hangs fails at the deadline', async () => {
    const { url } = await endpoint(() => undefined);
    const response = await post(url);
    expect(response).toMatchObject({ status: null, error: 'TIMEOUT: no answer within 300 ms' });
    expect(response.ms).toBeLessThan(1000);
  });

  test('sends its headers byte by byte fails at the deadline', async () => {
    const { url } = await endpoint(async (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
      await drip(socket, 'a', 20);
    });
    const response = await post(url);
    expect(response).toMatchObject({
      status: null,
      error: expect.stringMatching(/^TIMEOUT/) as string,
    });
    expect(response.ms).toBeLessThan(1000);
  });

  test('sends its body byte by byte has responded, and the send ends at the deadline', async () => {
    const { url } = await endpoint(async (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n');
      await drip(socket, 'a', 20);
    });
    const response = await post(url);
    expect(response).toMatchObject({ status: 200, error: null });
    expect(response.body?.toString()).toMatch(/^a{2,20}$/);
    expect(response.ms).toBeLessThan(1000);
  });

  test('sends an endless body has responded; 4 KiB of it are kept and the connection is closed', async () => {
    const { url, sockets } = await endpoint(async (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      await drip(socket, 'a'.repeat(16_384), 1);
    });
    const response = await post(url, { timeoutMs: 5000 });
    expect(response).toMatchObject({ status: 200, error: null });
    expect(response.body).toHaveLength(4096);
    expect(response.ms).toBeLessThan(2000);
    if (!sockets[0]!.destroyed) await once(sockets[0]!, 'close');
    expect(sockets[0]!.bytesWritten).toBeLessThan(8 * 1024 * 1024);
  });

  test('resets the connection failed', async () => {
    const { url } = await endpoint((socket) => socket.resetAndDestroy());
    expect((await post(url)).error).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)/);
  });

  test('closes the connection without a response failed', async () => {
    const { url } = await endpoint((socket) => socket.end());
    expect((await post(url)).error).toMatch(/^UND_ERR_SOCKET/);
  });

  test('breaks off in its body has responded', async () => {
    const { url } = await endpoint((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
    );
    const response = await post(url);
    expect(response).toMatchObject({ status: 200, error: null });
    expect(response.body?.toString()).toBe('half');
  });

  test('is unreachable failed', async () => {
    const { url } = await endpoint(() => undefined);
    open.splice(0).forEach(({ server }) => server.close());
    expect((await post(url)).error).toMatch(/^ECONNREFUSED/);
  });

  test.each([301, 302, 303, 307, 308])('redirects with %s is not followed', async (status) => {
    const receiver = await new WebhookReceiver().start();
    receiver.respond = (_, response) =>
      void response.writeHead(status, { location: receiver.url('/elsewhere') }).end();
    expect(await post(receiver.url('/hook'))).toMatchObject({ status, error: null });
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/hook']);
    await receiver.stop();
  });

  test('responds without a body has responded', async () => {
    const { url } = await endpoint((socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
    const response = await post(url);
    expect(response).toMatchObject({ status: 204, error: null });
    expect(response.body).toHaveLength(0);
  });

  test('sends an interim response has not responded yet', async () => {
    const { url } = await endpoint((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n');
      socket.write('HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n');
    });
    expect(await post(url)).toMatchObject({ status: 500 });
  });

  test.each([
    ['one huge header', `x-huge: ${'a'.repeat(100_000)}\r\n`],
    ['huge headers together', 'x-many: some\r\n'.repeat(10_000)],
  ])('sends %s failed', async (_, headers) => {
    const { url } = await endpoint((socket) => socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n`));
    expect((await post(url)).error).toMatch(/^UND_ERR_HEADERS_OVERFLOW|^HPE_HEADER_OVERFLOW/);
  });

  test.each([
    ['does not speak HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
    [
      'sends a header that holds NUL',
      'HTTP/1.1 200 OK\r\nx-nul: a\0b\r\ncontent-length: 0\r\n\r\n',
    ],
    [
      'changes the protocol',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n',
    ],
  ])('%s failed', async (_, answered) => {
    const { url } = await endpoint((socket) => socket.write(answered));
    expect(await post(url)).toMatchObject({ status: null, error: expect.any(String) as string });
  });
});

test('an invalid URL is a failure, not an exception', async () => {
  expect(await post('no url')).toMatchObject({ status: null, error: expect.any(String) as string });
});
