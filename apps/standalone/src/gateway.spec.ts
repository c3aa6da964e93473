import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { get, hostileRequests, lines, post } from '../test/hostile-requests.ts';
import { rawRequest } from '../test/raw-request.ts';
import { startGateway, type Gateway } from './gateway.ts';

interface ReceivedRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  aborted: boolean;
}

// The service behind the gateway: it records the requests that it receives, and its response depends on the path.
let upstream: Server;
let gateway: Gateway;
let received: ReceivedRequest[] = [];
let arrived: PromiseWithResolvers<void>;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const record: ReceivedRequest = { method, url, headers, body: '', aborted: false };
    received.push(record);
    arrived.resolve();
    request.on('data', (chunk: Buffer) => (record.body += chunk.toString()));
    request.on('aborted', () => (record.aborted = true));
    request.on('error', () => undefined);
    const path = url.replace(/^\/partner/, '').split('?')[0];
    if (path === '/early-close') return void request.socket.destroy();
    if (path === '/close-in-body') {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('some', () => request.socket.destroy());
      return;
    }
    if (path === '/refuse-early') {
      response.writeHead(413, { 'content-type': 'text/plain' }).end('too large');
      return;
    }
    if (path === '/hop-by-hop-response') {
      response.writeHead(200, {
        connection: 'x-private',
        'x-private': 'a',
        'keep-alive': 'timeout=99',
        'proxy-authenticate': 'Basic',
        trailer: 'x-sum',
        upgrade: 'websocket',
        'transfer-encoding': 'chunked',
      });
      return void response.end('response');
    }
    request.once('end', () => response.end('ok'));
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  gateway = await startGateway({ '/partner': `http://127.0.0.1:${port}` }, 0, () => 'home\n');
});

afterAll(async () => {
  await gateway.stop();
  upstream.close();
  upstream.closeAllConnections();
});

beforeEach(() => {
  received = [];
  arrived = Promise.withResolvers();
});

/** The status of the final response; 0 if there is none. */
const statusOf = (response: string) => Number(/^HTTP\/1\.1 ([2-5]\d\d)/m.exec(response)?.[1] ?? 0);

async function expectAlive(): Promise<void> {
  const response = await fetch(`${gateway.url}/partner/alive`);
  expect([response.status, await response.text()]).toEqual([200, 'ok']);
}

test.each(hostileRequests)(
  '%s does not crash the gateway, and reaches a service at most as often as allowed',
  async (_, bytes, statuses, most) => {
    const response = await rawRequest(gateway.url, bytes);
    expect(statuses).toContain(statusOf(response));
    expect(received.length).toBeLessThanOrEqual(most);
    await expectAlive();
  },
);

const hopByHop = [
  'trailer',
  'te',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'upgrade',
  'http2-settings',
  'x-named',
];

test('hop-by-hop headers, and those that Connection names, are not forwarded; all others are', async () => {
  await rawRequest(
    gateway.url,
    get(
      'Trailer: a',
      'TE: trailers',
      'Keep-Alive: timeout=1',
      'Proxy-Connection: close',
      'Proxy-Authorization: Basic eA==',
      'Upgrade: h2c',
      'HTTP2-Settings: AA',
      'X-Named: 1',
      'Connection: x-named, upgrade',
      'X-Kept: yes',
      'X-Api-Key: key',
    ),
  );
  expect(received).toHaveLength(1);
  expect(Object.keys(received[0]!.headers).filter((name) => hopByHop.includes(name))).toEqual([]);
  expect(received[0]!.headers).toMatchObject({ 'x-kept': 'yes', 'x-api-key': 'key', host: 'x' });
});

test('hop-by-hop headers of a response are not forwarded', async () => {
  const response = await rawRequest(
    gateway.url,
    lines('GET /partner/hop-by-hop-response HTTP/1.1', 'Host: x', 'Connection: close'),
  );
  expect(statusOf(response)).toBe(200);
  expect(response).toContain('response');
  expect(response).not.toMatch(
    /^(x-private|trailer|upgrade|proxy-authenticate|keep-alive: timeout=99)/im,
  );
});

test('a second request in the same connection gets its own response', async () => {
  const second = lines('GET /partner/second HTTP/1.1', 'Host: x', 'Connection: close');
  const response = await rawRequest(gateway.url, post('abc', 'Content-Length: 3') + second);
  expect(response.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  expect(received.map(({ url, body }) => [url, body])).toEqual([
    ['/partner/x', 'abc'],
    ['/partner/second', ''],
  ]);
});

test('when a client aborts its body, the request to the service is aborted', async () => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(post('abc', 'Content-Length: 100'));
  await arrived.promise;
  socket.destroy();
  await expect.poll(() => received[0]!.aborted).toBe(true);
  await expectAlive();
});

test('a body that is not valid HTTP aborts the request to the service, also if the client keeps its side open', async () => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => undefined);
  let response = '';
  socket.on('data', (chunk: Buffer) => (response += chunk.toString()));
  socket.write(post('3\r\nabc\r\n', 'Transfer-Encoding: chunked'));
  await arrived.promise;
  socket.write('zz\r\n');
  await expect.poll(() => received[0]!.aborted).toBe(true);
  await expect.poll(() => response.match(/HTTP\/1\.1 /g)?.length).toBe(1);
  expect(statusOf(response)).toBe(400);
  socket.destroy();
  await expectAlive();
});

test('a request that is refused before its invalid body is received gets one response', async () => {
  for (const first of ['TRACE /partner/x', 'POST /partner/%zz', 'POST /nowhere']) {
    const bytes =
      lines(`${first} HTTP/1.1`, 'Host: x', 'Transfer-Encoding: chunked') + '-1\r\nhello\r\n';
    const response = await rawRequest(gateway.url, bytes);
    expect([first, response.match(/HTTP\/1\.1 /g)?.length ?? 0]).toEqual([first, 1]);
  }
  await expectAlive();
});

test('when a service aborts its response, the response to the client is aborted', async () => {
  const response = await rawRequest(
    gateway.url,
    lines('GET /partner/close-in-body HTTP/1.1', 'Host: x'),
  );
  expect(response).toContain('some');
  expect(response.length).toBeLessThan(1000);
  await expectAlive();
});

test('a response before the end of the body reaches the client, however much it still sends', async () => {
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(64 * 1024));
      if (++sent === 400) controller.close();
    },
  });
  let sent = 0;
  const response = await fetch(`${gateway.url}/partner/refuse-early`, {
    method: 'POST',
    body,
    duplex: 'half',
  });
  expect([response.status, await response.text()]).toEqual([413, 'too large']);
  await expectAlive();
});

test('errors of the gateway are problem+json with a request id', async () => {
  for (const [path, status, code] of [
    ['/nowhere', 404, 'NOT_FOUND'],
    ['/partner/early-close', 502, 'SERVICE_UNAVAILABLE'],
  ] as const) {
    const response = await fetch(`${gateway.url}${path}`);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({
      status,
      code,
      requestId: expect.stringMatching(/^[\w.-]{8,64}$/),
    });
  }
});

test('a method that is never forwarded gets 405 with Allow', async () => {
  const response = await rawRequest(
    gateway.url,
    lines('TRACE /partner/x HTTP/1.1', 'Host: x', 'Connection: close'),
  );
  expect(statusOf(response)).toBe(405);
  expect(response).toMatch(/^allow: .*GET.*POST/im);
});

test('the home page is served at the root, and nothing else there', async () => {
  const response = await fetch(gateway.url);
  expect([response.status, await response.text()]).toEqual([200, 'home\n']);
});
