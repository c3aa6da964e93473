import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { rawRequest } from '../test/raw-request.ts';
import { startGateway, type Gateway } from './gateway.ts';

interface Seen {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  aborted: boolean;
}

// The service behind the gateway: it records what reaches it, and answers by the path.
let upstream: Server;
let gateway: Gateway;
let seen: Seen[] = [];
let arrived: PromiseWithResolvers<void>;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const record: Seen = { method, url, headers, body: '', aborted: false };
    seen.push(record);
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
    if (path === '/hop-by-hop-answer') {
      response.writeHead(200, {
        connection: 'x-private',
        'x-private': 'a',
        'keep-alive': 'timeout=99',
        'proxy-authenticate': 'Basic',
        trailer: 'x-sum',
        upgrade: 'websocket',
        'transfer-encoding': 'chunked',
      });
      return void response.end('answer');
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
  seen = [];
  arrived = Promise.withResolvers();
});

const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`;
/** Of the final answer; 0 where there is none. */
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 ([2-5]\d\d)/m.exec(answer)?.[1] ?? 0);

async function expectAlive(): Promise<void> {
  const response = await fetch(`${gateway.url}/partner/alive`);
  expect([response.status, await response.text()]).toEqual([200, 'ok']);
}

const get = (...headers: string[]) => lines('GET /partner/x HTTP/1.1', 'Host: x', ...headers);
const post = (body: string, ...headers: string[]) =>
  lines('POST /partner/x HTTP/1.1', 'Host: x', ...headers) + body;

// What is sent, which statuses may answer it (0: the connection is closed without an answer), and how often it may reach a service.
test.each<[string, string, number[], number]>([
  ['a Trailer header', get('Trailer: foo'), [200], 1],
  ['a Trailer header that names a forbidden field', get('Trailer: content-length'), [200], 1],
  [
    'Keep-Alive, TE, Proxy-Connection',
    get('Keep-Alive: timeout=5', 'TE: trailers', 'Proxy-Connection: close'),
    [200],
    1,
  ],
  ['a header that Connection names', get('Connection: close, x-secret', 'X-Secret: 1'), [200], 1],
  [
    'Connection names content-length',
    post('abc', 'Connection: content-length', 'Content-Length: 3'),
    [200, 400, 411],
    1,
  ],
  ['an upgrade to websocket', get('Connection: Upgrade', 'Upgrade: websocket'), [200, 400, 426], 1],
  [
    'an upgrade to h2c',
    get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'),
    [200, 400, 426],
    1,
  ],
  ['Expect: 100-continue', post('abc', 'Expect: 100-continue', 'Content-Length: 3'), [200], 1],
  ['an expectation nobody knows', get('Expect: tea'), [200, 400, 417], 1],
  ['TRACE', lines('TRACE /partner/x HTTP/1.1', 'Host: x', 'Cookie: secret'), [405], 0],
  ['CONNECT', lines('CONNECT 127.0.0.1:80 HTTP/1.1', 'Host: x'), [0, 400, 405], 0],
  ['a method nobody knows', lines('BREW /partner/x HTTP/1.1', 'Host: x'), [400, 405, 501], 0],
  ['a method of WebDAV', lines('PROPFIND /partner/x HTTP/1.1', 'Host: x'), [200], 1],
  [
    'QUERY with a body',
    lines('QUERY /partner/x HTTP/1.1', 'Host: x', 'Content-Length: 3') + 'abc',
    [405],
    0,
  ],
  [
    'an absolute URI',
    lines('GET http://elsewhere.example/partner/x HTTP/1.1', 'Host: x'),
    [200],
    1,
  ],
  [
    'an absolute URI with credentials',
    lines('GET http://a:b@127.0.0.1:1/partner/x HTTP/1.1', 'Host: x'),
    [200, 400],
    1,
  ],
  ['another scheme', lines('GET ftp://x/partner/x HTTP/1.1', 'Host: x'), [400, 404], 0],
  ['the asterisk form', lines('OPTIONS * HTTP/1.1', 'Host: x'), [204, 400, 404], 0],
  [
    'a path that climbs',
    lines('GET /partner/../admin/v1/organizations HTTP/1.1', 'Host: x'),
    [400, 404],
    0,
  ],
  [
    'a path that climbs, encoded',
    lines('GET /partner/%2e%2e/admin HTTP/1.1', 'Host: x'),
    [400, 404],
    0,
  ],
  ['a path with a broken escape', lines('GET /partner/%zz HTTP/1.1', 'Host: x'), [400], 0],
  ['a path with half of UTF-8', lines('GET /partner/%ff HTTP/1.1', 'Host: x'), [400], 0],
  ['a path of two slashes', lines('GET //127.0.0.1:1/partner HTTP/1.1', 'Host: x'), [400, 404], 0],
  ['NUL in the path', lines('GET /partner/\0 HTTP/1.1', 'Host: x'), [400], 0],
  [
    'Content-Length and Transfer-Encoding',
    post(
      '0\r\n\r\nGET /partner/smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
      'Content-Length: 6',
      'Transfer-Encoding: chunked',
    ),
    [400],
    0,
  ],
  [
    'Transfer-Encoding twice',
    post('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity'),
    [400],
    0,
  ],
  ['Transfer-Encoding that is not chunked', post('abc', 'Transfer-Encoding: gzip'), [400, 501], 0],
  ['two lengths', post('abcdef', 'Content-Length: 3', 'Content-Length: 6'), [400], 0],
  ['a length with a sign', post('abc', 'Content-Length: +3'), [400], 0],
  ['a length below nothing', post('abc', 'Content-Length: -1'), [400], 0],
  [
    'a chunk whose size is no number',
    post('zz\r\nabc\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
    [0, 400, 502],
    1,
  ],
  [
    'a chunk larger than said',
    post('1\r\nabcdef\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
    [0, 400, 502],
    1,
  ],
  [
    'a chunk of 2^64 bytes',
    post('ffffffffffffffffff\r\nabc', 'Transfer-Encoding: chunked'),
    [0, 400, 502],
    1,
  ],
  [
    'trailers behind the chunks',
    post('3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n', 'Transfer-Encoding: chunked', 'Trailer: x-sum'),
    [200],
    1,
  ],
  [
    'a body for GET',
    lines('GET /partner/x HTTP/1.1', 'Host: x', 'Content-Length: 3') + 'abc',
    [200, 400],
    1,
  ],
  [
    'a content type that is none',
    post('abc', 'Content-Type: \x01;;', 'Content-Length: 3'),
    [200, 400, 415],
    1,
  ],
  ['a header line that is folded', get('X-A: 1\r\n folded'), [200, 400], 1],
  ['NUL in a header', get('X-A: a\0b'), [400], 0],
  ['a bare carriage return in a header', get('X-A: a\rGET /partner/y HTTP/1.1'), [400], 0],
  ['a header name with a space', get('X A: 1'), [400], 0],
  ['a space before the colon', get('Content-Length : 0'), [400], 0],
  ['no Host', lines('GET /partner/x HTTP/1.1'), [400], 0],
  ['two Hosts', lines('GET /partner/x HTTP/1.1', 'Host: a', 'Host: b'), [400], 0],
  ['a Host that is none', lines('GET /partner/x HTTP/1.1', 'Host: a b/\\'), [200, 400], 1],
  ['headers that are too large', get(`X-A: ${'a'.repeat(20_000)}`), [431], 0],
  [
    'too many headers',
    get(...Array.from({ length: 3000 }, (_, i) => `x-${i}: 1`)),
    [200, 400, 431],
    1,
  ],
  ['HTTP/1.0', lines('GET /partner/x HTTP/1.0'), [200], 1],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [0, 400, 505], 0],
  ['TLS', Buffer.from('16030100010000', 'hex').toString('latin1'), [0, 400], 0],
  ['nothing but line ends', '\r\n\r\n\r\n', [0, 400], 0],
  [
    'a service that closes before it answers',
    lines('GET /partner/early-close HTTP/1.1', 'Host: x'),
    [502, 503],
    1,
  ],
])(
  '%s does not end the gateway, and reaches a service at most as it may',
  async (_, bytes, statuses, most) => {
    const answer = await rawRequest(gateway.url, bytes);
    expect(statuses).toContain(statusOf(answer));
    expect(seen.length).toBeLessThanOrEqual(most);
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
  expect(seen).toHaveLength(1);
  expect(Object.keys(seen[0]!.headers).filter((name) => hopByHop.includes(name))).toEqual([]);
  expect(seen[0]!.headers).toMatchObject({ 'x-kept': 'yes', 'x-api-key': 'key', host: 'x' });
});

test('hop-by-hop headers of an answer are not passed on', async () => {
  const answer = await rawRequest(
    gateway.url,
    lines('GET /partner/hop-by-hop-answer HTTP/1.1', 'Host: x', 'Connection: close'),
  );
  expect(statusOf(answer)).toBe(200);
  expect(answer).toContain('answer');
  expect(answer).not.toMatch(
    /^(x-private|trailer|upgrade|proxy-authenticate|keep-alive: timeout=99)/im,
  );
});

test('a request in two is one request: what follows a body in the same connection is answered by itself', async () => {
  const second = lines('GET /partner/second HTTP/1.1', 'Host: x', 'Connection: close');
  const answer = await rawRequest(gateway.url, post('abc', 'Content-Length: 3') + second);
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  expect(seen.map(({ url, body }) => [url, body])).toEqual([
    ['/partner/x', 'abc'],
    ['/partner/second', ''],
  ]);
});

test('a client that breaks off its body breaks off the request to the service', async () => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(post('abc', 'Content-Length: 100'));
  await arrived.promise;
  socket.destroy();
  await expect.poll(() => seen[0]!.aborted).toBe(true);
  await expectAlive();
});

test('a body that turns out to be no HTTP breaks off the request to the service, though the client keeps its side open', async () => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => undefined);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(post('3\r\nabc\r\n', 'Transfer-Encoding: chunked'));
  await arrived.promise;
  socket.write('zz\r\n');
  await expect.poll(() => seen[0]!.aborted).toBe(true);
  await expect.poll(() => answer.match(/HTTP\/1\.1 /g)?.length).toBe(1);
  expect(statusOf(answer)).toBe(400);
  socket.destroy();
  await expectAlive();
});

test('a request that is refused before its body turns out to be no HTTP is answered once', async () => {
  for (const first of ['TRACE /partner/x', 'POST /partner/%zz', 'POST /nowhere']) {
    const bytes =
      lines(`${first} HTTP/1.1`, 'Host: x', 'Transfer-Encoding: chunked') + '-1\r\nhello\r\n';
    const answer = await rawRequest(gateway.url, bytes);
    expect([first, answer.match(/HTTP\/1\.1 /g)?.length ?? 0]).toEqual([first, 1]);
  }
  await expectAlive();
});

test('a service that breaks off its answer breaks off the answer to the client', async () => {
  const answer = await rawRequest(
    gateway.url,
    lines('GET /partner/close-in-body HTTP/1.1', 'Host: x'),
  );
  expect(answer).toContain('some');
  expect(answer.length).toBeLessThan(1000);
  await expectAlive();
});

test('an answer that comes before the body has ended reaches the client, however much it still sends', async () => {
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

test('what the gateway refuses by itself is problem+json with an id', async () => {
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

test('the methods of a known path that are not served are answered with 405 and Allow', async () => {
  const answer = await rawRequest(
    gateway.url,
    lines('TRACE /partner/x HTTP/1.1', 'Host: x', 'Connection: close'),
  );
  expect(statusOf(answer)).toBe(405);
  expect(answer).toMatch(/^allow: .*GET.*POST/im);
});

test('the home page is served at the root, and nothing else there', async () => {
  const response = await fetch(gateway.url);
  expect([response.status, await response.text()]).toEqual([200, 'home\n']);
});
