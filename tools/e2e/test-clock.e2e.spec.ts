import 'reflect-metadata';
import { DeliveryClient } from '@casewire/client';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
});
afterAll(() => platform.stop());

test('a retry that is due in a day is made when the test clock of the sandbox is advanced by two days', async () => {
  const partner = await platform.partner();
  const { receiver, endpoint } = await partner.listen({ retry: { delaySeconds: [86_400] } });
  let status = 503;
  receiver.respond = (_, response) => void response.writeHead(status).end();
  await partner.client.ping(endpoint.id);
  const delivery = new DeliveryClient(platform.url, partner.key);
  await receiver.until((requests) => requests.length === 1);
  status = 200;
  await expect
    .poll(async () => (await delivery.advanceTestClock(172_800)).retries, { timeout: 20_000 })
    .toBe(1);
  await receiver.until((requests) => requests.length === 2);
  const [first, second] = receiver.requests;
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  expect(second!.body.equals(first!.body)).toBe(true);
});

test.each([
  ['no value', {}],
  ['zero', { seconds: 0 }],
  ['a negative value', { seconds: -60 }],
  ['more than thirty days', { seconds: 2_592_001 }],
  ['a word', { seconds: 'an hour' }],
])('%s is refused with the field', async (_, body) => {
  const { key } = await platform.partner();
  const response = await fetch(`${platform.url}/delivery/v1/test-clock/advance`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(400);
  expect(JSON.stringify(await response.json())).toContain('seconds');
});
