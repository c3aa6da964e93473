import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Agent } from 'undici';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { claimedHead } from '../../../test/scripted-store.ts';
import { Handshakes } from './handshakes.ts';
import { send } from './sender.ts';

let asked: { method: string; headers: IncomingHttpHeaders }[] = [];
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
  asked = [];
  allowed = [];
  now = 0;
  answer = { 'WebHook-Allowed-Origin': 'events.casewire.example' };
  server ??= createServer((request, response) => {
    asked.push({ method: request.method!, headers: request.headers });
    response.writeHead(200, answer).end();
  }).listen(0, '127.0.0.1');
  if (!server.listening) await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  server.close();
  await http.close();
});

test('a target is asked by OPTIONS, once for all that waits for its consent', async () => {
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
  expect(asked).toMatchObject([
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
  ['what it allows', '30', 0.5],
  ['no limit where it allows any', '*', null],
])('WebHook-Allowed-Rate seeds the limiter: %s', async (_, rate, perSecond) => {
  answer['WebHook-Allowed-Rate'] = rate;
  await handshakes(100).consentOf(claimedHead(), target());
  expect(allowed).toEqual([perSecond]);
});

test('who does not consent is not sent to, and is asked again the next time', async () => {
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

test('consent lasts for a day, and is for one URL', async () => {
  const one = handshakes();
  const head = claimedHead();
  await one.consentOf(head, target());
  now += 23 * 3_600_000;
  await one.consentOf(head, target());
  expect(asked).toHaveLength(1);
  now += 2 * 3_600_000;
  await one.consentOf(head, target());
  await one.consentOf(head, { ...target(), url: `${url}/other` });
  expect(asked).toHaveLength(3);
});

test('a target that cannot be reached has not consented', async () => {
  const unreachable = { ...target(), url: 'http://127.0.0.1:1/' };
  expect(await handshakes().consentOf(claimedHead(), unreachable)).toMatchObject({
    granted: false,
    error: expect.stringMatching(/^HANDSHAKE_FAILED: ECONNREFUSED/),
  });
});
