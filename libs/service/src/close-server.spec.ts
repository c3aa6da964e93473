import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { closeServer } from './close-server.ts';

let server: Server;
let agent: Agent;
/** Sends the response to each request that arrived. */
let responders: (() => void)[];
beforeEach(async () => {
  [responders, agent] = [[], new Agent({ keepAlive: true })];
  server = createServer((_, response) => responders.push(() => response.end('done')));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
});

function send(): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const sent = request({ port, agent, host: '127.0.0.1' }).end();
  return new Promise((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response: IncomingMessage) => {
      response.resume().once('end', () => resolve(response.statusCode!));
    });
  });
}
const nextRequest = () => once(server, 'request');

test('a server is closed after the response to a running request', async () => {
  const arrived = nextRequest();
  const response = send();
  await arrived;
  let closed = false;
  const closing = closeServer(server).then(() => (closed = true));
  expect(server.listening).toBe(false);
  await new Promise(setImmediate);
  expect(closed).toBe(false);
  responders[0]!();
  expect(await response).toBe(200);
  await closing;
});

test('an idle connection does not delay the closing', async () => {
  const arrived = nextRequest();
  const response = send();
  await arrived;
  responders[0]!();
  await response;
  await closeServer(server, 60_000);
  expect(server.listening).toBe(false);
});

test('a request without a response is aborted after the time-out', async () => {
  const arrived = nextRequest();
  const response = send();
  await arrived;
  const failure = response.catch((error: unknown) => error);
  await closeServer(server, 50);
  expect(await failure).toMatchObject({ code: 'ECONNRESET' });
});
