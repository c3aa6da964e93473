import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { publishWithKcat } from './kcat.ts';
import { document, eventOf, TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
  partner = await platform.partner({ audiences: ['partner', 'internal'] });
});
afterAll(() => platform.stop());

const publish = (caseId: string, command: object) =>
  publishWithKcat(platform.brokers, { topic: 'cases.commands', key: caseId, value: command });

test('a service that publishes a command with kcat cancels a case; its second command is refused by an event', async () => {
  const listener = await partner.listen();
  const internal = await platform.receiver();
  await platform.operator.provisionEndpoint(partner.organizationId, {
    environment: 'sandbox',
    audience: 'internal',
    url: internal.url('/internal'),
  });
  const { id: caseId } = await partner.client.submit({
    files: [await document('invoice')],
    features: ['extraction'],
  });
  const about = {
    caseId,
    organizationId: partner.organizationId,
    environment: 'sandbox',
    requestedBy: { type: 'api_key', id: 'orders', name: 'Orders' },
  };
  await publish(caseId, { type: 'CancelCase', commandId: randomUUID(), ...about });
  await listener.receiver.until((requests) =>
    requests.some((request) => eventOf(request).eventName === 'case.canceled'),
  );
  const commandId = randomUUID();
  await publish(caseId, { type: 'RefreshCase', commandId, ...about });
  await internal.until((requests) => requests.length > 0);
  expect(internal.requests.map(eventOf)).toMatchObject([
    {
      eventName: 'case.command.refused',
      payload: { caseId, commandId, command: 'RefreshCase', code: 'CASE_CANCELED' },
    },
  ]);
  expect((await partner.client.case(caseId)).status).toBe('canceled');
});
