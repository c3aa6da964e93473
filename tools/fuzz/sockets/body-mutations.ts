import { between, pick } from '@casewire/samples';

import type { Mutation } from './header-mutations.ts';
import { bytesOf } from './raw-request.ts';

const deep = (open: string, close: string, levels: number) =>
  `${open.repeat(levels)}${close.repeat(levels)}`;

/** Faults and unusual forms of a request body, and of the way that it is sent. */
export const bodyMutations: Record<string, Mutation> = {
  'cut off': (request, random) => {
    request.sent = {
      upTo: between(random, 1, bytesOf(request).length - 1),
      thenClose: pick(random, ['end', 'reset'] as const),
    };
  },
  'closed early': (request, random) => {
    request.sent = { ...request.sent, thenClose: pick(random, ['end', 'reset'] as const) };
  },
  'in pieces': (request, random) => {
    request.sent = { ...request.sent, pieces: between(random, 2, 50) };
  },
  'in chunks': (request) => {
    request.framing = 'chunked';
  },
  'bad chunks': (request, random) => {
    request.framing = 'none';
    request.headers.push(['Transfer-Encoding', 'chunked']);
    const size = pick(random, ['zz', '-1', 'ffffffffffffffff', '1;a=b;c', '5 ', '', '0x5']);
    request.body = Buffer.from(
      `${size}\r\nhello\r\n${pick(random, ['0\r\n\r\n', '0\n\n', '', '3\r\nab'])}`,
    );
  },
  'two lengths': (request, random) => {
    request.framing = 'none';
    request.headers.push(
      ['Content-Length', String(request.body.length)],
      pick<[string, string]>(random, [
        ['Content-Length', String(request.body.length + 1)],
        ['Transfer-Encoding', 'chunked'],
      ]),
    );
  },
  'a wrong length': (request, random) => {
    request.framing = 'none';
    const length = pick(random, [0, 1, request.body.length + 10, 99_999_999, 2 ** 53]);
    request.headers.push(['Content-Length', String(length)]);
    request.sent = { ...request.sent, thenClose: 'end' };
  },
  'other bytes': (request, random) => {
    if (request.body.length === 0) return;
    const body = Buffer.from(request.body);
    for (let i = between(random, 1, 8); i > 0; i--)
      body[between(random, 0, body.length - 1)] = between(random, 0, 255);
    request.body = body;
  },
  'odd JSON': (request, random) => {
    request.body = Buffer.from(
      pick(random, [
        'null',
        '[]',
        '"x"',
        '1e999',
        '{',
        '\u{feff}{}',
        '{"__proto__":{"x":1},"constructor":{"prototype":{}}}',
        '{"url":"\\ud800"}',
        '{"url":"http://127.0.0.1/\\u0000"}',
        deep('[', ']', 100_000),
        deep('{"a":', '}', 50_000).replace('}', '1}'),
        `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`,
        `{"description":"${'x'.repeat(1_100_000)}"}`,
        `{"filters":[${'{},'.repeat(5_000)}{}]}`,
      ]),
    );
  },
};
