import 'reflect-metadata';
import type { ReceivedRequest } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { TestPlatform } from './test-platform.ts';

const origin = 'events.casewire.example';
let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [], env: { WEBHOOK_REQUEST_ORIGIN: origin } });
});
afterAll(() => platform.stop());

const by = (method: string, requests: readonly ReceivedRequest[]) =>
  requests.filter((request) => request.method === method);

test('an endpoint of the dialect cloudevents gets an OPTIONS request, and then deliveries at no more than the rate that it allows', async () => {
  const partner = await platform.partner();
  const { receiver, endpoint } = await partner.listen({
    dialect: 'cloudevents',
    ratePerSecond: 50,
  });
  receiver.respond = ({ method }, response) => {
    if (method === 'OPTIONS')
      response.writeHead(200, {
        'WebHook-Allowed-Origin': origin,
        'WebHook-Allowed-Rate': '120',
      });
    response.end();
  };
  await partner.client.ping(endpoint.id);
  await receiver.until((requests) => by('POST', requests).length === 1);
  expect(receiver.requests.map(({ method }) => method)).toEqual(['OPTIONS', 'POST']);
  const [handshake, sent] = receiver.requests as [ReceivedRequest, ReceivedRequest];
  expect(handshake).toMatchObject({
    path: '/hook',
    headers: { 'webhook-request-origin': origin, 'webhook-request-rate': '3000' },
  });
  expect(sent.headers).toMatchObject({
    'webhook-request-origin': origin,
    'ce-specversion': '1.0',
    'ce-type': 'endpoint.ping',
  });

  for (let i = 0; i < 6; i++) await partner.client.ping(endpoint.id);
  await receiver.until((requests) => by('POST', requests).length === 7);
  // One OPTIONS request. The endpoint allows two deliveries a second: two are sent at once, the other four take over a second; at fifty a second they would take almost no time.
  const posts = by('POST', receiver.requests);
  expect(by('OPTIONS', receiver.requests)).toHaveLength(1);
  expect(posts.at(-1)!.receivedAt - posts[1]!.receivedAt).toBeGreaterThan(1000);
});

test('an endpoint that does not consent gets no delivery; its log has the reason, and OPTIONS is repeated until it consents', async () => {
  const partner = await platform.partner();
  const { receiver, endpoint } = await partner.listen({ dialect: 'cloudevents' });
  // Many servers answer OPTIONS without consenting to deliveries.
  receiver.respond = (_, response) => void response.writeHead(204, { allow: 'POST' }).end();
  await partner.client.ping(endpoint.id);
  await receiver.until((requests) => by('OPTIONS', requests).length === 2);
  receiver.respond = (_, response) =>
    void response.writeHead(200, { 'WebHook-Allowed-Origin': '*' }).end();
  await receiver.until((requests) => by('POST', requests).length === 1);
  expect(receiver.requests.map(({ method }) => method)).toEqual([
    'OPTIONS',
    'OPTIONS',
    'OPTIONS',
    'POST',
  ]);
  const ofEndpoint = { endpointId: endpoint.id };
  const state = async () => (await partner.client.deliveries(ofEndpoint)).items[0]!.state;
  await expect.poll(state).toBe('delivered');
  const [{ id } = expect.fail()] = (await partner.client.deliveries(ofEndpoint)).items;
  const { attemptLog } = await partner.client.delivery(id);
  const refused = { status: null, error: 'HANDSHAKE_REFUSED: ORIGIN_MISSING' };
  expect(attemptLog.toSorted((a, b) => a.number - b.number)).toMatchObject([
    { number: 1, ...refused },
    { number: 2, ...refused },
    { number: 3, status: 200, error: null },
  ]);
});
