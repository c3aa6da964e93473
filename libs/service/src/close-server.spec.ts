import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { closeServer } from './close-server.ts';

let server: Server;
let agent: Agent;
/** Answers what is asked for now. */
let answers: (() => void)[];
beforeEach(async () => {
  [answers, agent] = [[], new Agent({ keepAlive: true })];
  server = createServer((_, response) => answers.push(() => response.end('done')));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
});

function ask(): Promise<number> {
  const { port } = server.address() as AddressInfo;
  const asked = request({ port, agent, host: '127.0.0.1' }).end();
  return new Promise((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', (response: IncomingMessage) => {
      response.resume().once('end', () => resolve(response.statusCode!));
    });
  });
}
const arrived = () => once(server, 'request');

test('a request under way is answered, and only then the server is closed', async () => {
  const coming = arrived();
  const asked = ask();
  await coming;
  let closed = false;
  const closing = closeServer(server).then(() => (closed = true));
  expect(server.listening).toBe(false);
  await new Promise(setImmediate);
  expect(closed).toBe(false);
  answers[0]!();
  expect(await asked).toBe(200);
  await closing;
});

test('a connection that is kept for more does not hold it up', async () => {
  const coming = arrived();
  const asked = ask();
  await coming;
  answers[0]!();
  await asked;
  await closeServer(server, 60_000);
  expect(server.listening).toBe(false);
});

test('a request that is not answered is cut off when the patience is over', async () => {
  const coming = arrived();
  const asked = ask();
  await coming;
  const outcome = asked.catch((error: unknown) => error);
  await closeServer(server, 50);
  expect(await outcome).toMatchObject({ code: 'ECONNRESET' });
});
