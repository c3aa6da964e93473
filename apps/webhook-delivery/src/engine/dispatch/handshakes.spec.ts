import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Agent } from 'undici';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { claimedHead } from '../../../test/scripted-store.ts';
import { Handshakes } from './handshakes.ts';
import { send } from './sender.ts';

let received: { method: string; headers: IncomingHttpHeaders }[] = [];
let answer: Record<string, string> = {};
let url: string;
let server: Server;
let now = 0;
let allowed: (number | null)[] = [];
const http = new Agent();
const target = () => ({ url, secrets: [], token: null, headers: {}, http });

const handshakes = (ratePerSecond: number | null = null) =>
  new Handshakes({
    origin: 'events.casewire.example',
    send,
    rateOf: () => ratePerSecond,
    allow: async (_, rate) => void allowed.push(rate),
    monotonic: () => now,
  });

beforeEach(async () => {
  received = [];
  allowed = [];
  now = 0;
  answer = { 'WebHook-Allowed-Origin': 'events.casewire.example' };
  server ??= createServer((request, response) => {
    received.push({ method: request.method!, headers: request.headers });
    response.writeHead(200, answer).end();
  }).listen(0, '127.0.0.1');
  if (!server.listening) await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  server.close();
  await http.close();
});

test('a handshake is one OPTIONS request for all heads that wait for it', async () => {
  const one = handshakes(2);
  const answers = await Promise.all([
    one.consentOf(claimedHead(), target()),
    one.consentOf(claimedHead(), target()),
  ]);
  const agreed = {
    granted: true,
    headers: { 'webhook-request-origin': 'events.casewire.example' },
  };
  expect(answers).toEqual([agreed, agreed]);
  expect(received).toMatchObject([
    {
      method: 'OPTIONS',
      headers: {
        'webhook-request-origin': 'events.casewire.example',
        'webhook-request-rate': '120',
      },
    },
  ]);
});

test.each([
  ['the allowed rate', '30', 0.5],
  ['no limit if any rate is allowed', '*', null],
])('WebHook-Allowed-Rate sets the rate limit: %s', async (_, rate, perSecond) => {
  answer['WebHook-Allowed-Rate'] = rate;
  await handshakes(100).consentOf(claimedHead(), target());
  expect(allowed).toEqual([perSecond]);
});

test('without consent nothing is sent, and the next attempt makes a handshake again', async () => {
  const one = handshakes();
  answer = {};
  expect(await one.consentOf(claimedHead(), target())).toEqual({
    granted: false,
    error: 'HANDSHAKE_REFUSED: ORIGIN_MISSING',
  });
  answer = { 'WebHook-Allowed-Origin': '*' };
  expect(await one.consentOf(claimedHead(), target())).toMatchObject({ granted: true });
  expect(allowed).toEqual([null]);
});

test('consent is valid for a day and for one URL', async () => {
  const one = handshakes();
  const head = claimedHead();
  await one.consentOf(head, target());
  now += 23 * 3_600_000;
  await one.consentOf(head, target());
  expect(received).toHaveLength(1);
  now += 2 * 3_600_000;
  await one.consentOf(head, target());
  await one.consentOf(head, { ...target(), url: `${url}/other` });
  expect(received).toHaveLength(3);
});

test('an unreachable target has not consented', async () => {
  const unreachable = { ...target(), url: 'http://127.0.0.1:1/' };
  expect(await handshakes().consentOf(claimedHead(), unreachable)).toMatchObject({
    granted: false,
    error: expect.stringMatching(/^HANDSHAKE_FAILED: ECONNREFUSED/),
  });
});
