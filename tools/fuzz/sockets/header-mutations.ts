import { between, pick, type Random } from '@casewire/samples';

import type { RawRequest } from './raw-request.ts';

export type Mutation = (request: RawRequest, random: Random) => void;

const names = [
  'Host',
  'Content-Type',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'Expect',
  'Upgrade',
  'Trailer',
  'TE',
  'Keep-Alive',
  'Proxy-Authorization',
  'Idempotency-Key',
  'x-api-key',
  'Authorization',
  'x-request-id',
  'x-correlation-id',
  'traceparent',
  'tracestate',
  'Content-Encoding',
  'Accept-Encoding',
  'Range',
  'If-None-Match',
  'If-Modified-Since',
  'Cookie',
  'Origin',
  'X-Forwarded-For',
  'X-HTTP-Method-Override',
  'constructor',
  '__proto__',
  ':path',
  'a b',
  'x\u00e9',
  '',
];
const values = [
  '',
  ' ',
  '0',
  '-1',
  '1e3',
  '18446744073709551616',
  'chunked',
  'chunked, identity',
  'gzip, chunked',
  'gzip',
  'close',
  'keep-alive, foo',
  'upgrade',
  'websocket',
  'h2c',
  '100-continue',
  '200-ok',
  'foo',
  'trailers, deflate;q=0.5',
  'bytes=0-',
  'bytes=5-1,-0',
  '*',
  'application/json; charset=utf-7',
  'application/json;charset="',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  `multipart/form-data; boundary=${'b'.repeat(300)}`,
  'text/plain',
  '00-00000000000000000000000000000000-0000000000000000-00',
  'a=b; __proto__=c',
  '\u00ff\u00fe',
  '%00',
  'a\u0000b',
  'a\u0007b',
  '\u2028',
  'x'.repeat(9_000),
];
const methods = [
  'TRACE',
  'OPTIONS',
  'CONNECT',
  'HEAD',
  'PROPFIND',
  'PUT',
  'PATCH',
  'DELETE',
  'get',
  'QUERY',
  'PRI',
  '\u00e9',
];

const hostAndPath = (request: RawRequest) =>
  `http://127.0.0.1${request.target.startsWith('/') ? request.target : '/'}`;

/** Faults and unusual forms of the head of a request. */
export const headerMutations: Record<string, Mutation> = {
  'an additional header': (request, random) => {
    request.headers.push([pick(random, names), pick(random, values)]);
  },
  'a header twice': (request, random) => {
    if (request.headers.length === 0) return;
    const [name, value] = pick(random, request.headers);
    request.headers.push([name, pick(random, [value, `${value}x`, pick(random, values)])]);
  },
  'another value': (request, random) => {
    if (request.headers.length === 0) return;
    const at = between(random, 0, request.headers.length - 1);
    request.headers[at] = [request.headers[at]![0], pick(random, values)];
  },
  'a missing header': (request, random) => {
    if (request.headers.length > 0)
      request.headers.splice(between(random, 0, request.headers.length - 1), 1);
  },
  'many headers': (request, random) => {
    const count = pick(random, [50, 500, 3_000]);
    for (let i = 0; i < count; i++) request.headers.push([`x-${i}`, 'y']);
  },
  'an announced trailer': (request) => {
    request.headers.push(['Trailer', 'foo']);
  },
  trailers: (request, random) => {
    request.framing = 'chunked';
    request.trailers.push(['foo', 'bar'], [pick(random, names), pick(random, values)]);
    if (random() < 0.5) request.headers.push(['Trailer', pick(random, ['foo', 'Content-Length'])]);
  },
  'an upgrade': (request, random) => {
    request.headers.push(
      ['Connection', 'Upgrade'],
      ['Upgrade', pick(random, ['websocket', 'h2c', 'TLS/1.0'])],
    );
  },
  'another method': (request, random) => {
    request.method = pick(random, methods);
  },
  'another version': (request, random) => {
    request.version = pick(random, [
      'HTTP/1.0',
      'HTTP/0.9',
      'HTTP/2.0',
      'HTTP/1.2',
      'HTTP',
      'ICE/1.0',
    ]);
  },
  'an absolute URI': (request, random) => {
    request.target = pick(random, [
      hostAndPath(request),
      `https://elsewhere.example${request.target}`,
      `http://[::1${request.target}`,
      `http://u:p@127.0.0.1:99999${request.target}`,
      'http://',
    ]);
  },
  'another target': (request, random) => {
    const { target } = request;
    request.target = pick(random, [
      '*',
      '',
      '//',
      `//elsewhere.example${target}`,
      `${target}/../../admin/v1/organizations`,
      `${target}/%2e%2e/%2e%2e/x`,
      `${target}%00`,
      `${target}%`,
      `${target}%zz?%zz=%`,
      `${target}?${'a=b&'.repeat(2_000)}`,
      `${target}?limit[]=1&limit[a]=2&__proto__[x]=1`,
      `${target}#fragment`,
      `${target}\u00e9`,
      `/partner\\v1\\cases`,
      `/${'a/'.repeat(3_000)}`,
      '/partner/v1/cases/%C3%28',
      '/partner%2fv1/cases',
      '/partner',
      '/catalog/v1/events/%2e%2e%2f%2e%2e%2fpackage.json.md',
    ]);
  },
};
