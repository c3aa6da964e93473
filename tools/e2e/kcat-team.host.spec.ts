import { createHmac, randomUUID } from 'node:crypto';

import { TeamClient } from '@casewire/client';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { publishWithKcat } from './kcat.ts';
import { TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
});
afterAll(() => platform.stop());

async function screeningTeam() {
  const organization = await platform.operator.createOrganization({
    name: 'Screening',
    kind: 'team',
    team: { slug: 'screening', prefixes: ['screening.'] },
  });
  const { key } = await platform.operator.createApiKey(organization.id, { environment: 'sandbox' });
  return new TeamClient(platform.url, key);
}

test('TG-8 TG-16 TG-26 TG-28 a screening.completed that a team publishes with kcat arrives at a TrustGate endpoint, signed', async () => {
  const team = await screeningTeam();
  const seeded = await team.eventType('screening.completed', 1);
  const partner = await platform.partner();
  const { receiver, endpoint } = await partner.listen({
    dialect: 'trustgate',
    eventTypes: ['screening.completed'],
  });
  const applicant = randomUUID();
  const data = { ...(seeded.sample as object), applicant_id: applicant };
  await publishWithKcat(platform.brokers, {
    topic: 'events.screening',
    key: applicant,
    headers: {
      ce_specversion: '1.0',
      ce_id: randomUUID(),
      ce_source: '/screening',
      ce_type: 'screening.completed',
      ce_time: '2026-01-01T00:00:00Z',
      'content-type': 'application/json',
      ce_organization: partner.organizationId,
      ce_environment: 'sandbox',
    },
    value: data,
  });
  await receiver.until((requests) => requests.length > 0);
  const [{ body, headers }] = receiver.requests as [(typeof receiver.requests)[number]];
  expect(JSON.parse(body.toString())).toMatchObject({
    event_type: 'screening.completed',
    tenant_id: partner.organizationId,
    data: { applicant_id: applicant },
  });
  const hmac = (signed: string) =>
    createHmac('sha256', endpoint.secret).update(signed).digest('hex');
  const timestamp = String(headers['x-webhook-timestamp']);
  expect(headers['x-webhook-signature']).toBe(hmac(`${timestamp}.${body.toString()}`));
  expect(headers['x-trustgate-signature']).toBe(`sha256=${hmac(body.toString())}`);
  await expect
    .poll(async () => (await partner.client.deliveries()).items)
    .toMatchObject([{ state: 'delivered', eventType: 'screening.completed' }]);
});
