import { randomUUID } from 'node:crypto';

import { DeliveryClient, PartnerClient } from '@casewire/client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { caseOf, complete, idOf, replayOf } from '../e2e/completed-cases.ts';
import { DeliveryServices } from './delivery-services.ts';

const patience = { timeout: 120_000, interval: 200 };

let services: DeliveryServices;
beforeEach(async () => {
  services = await DeliveryServices.start();
});
afterEach(() => services.stop());

test('G2 a replay whose instance dies at any crash point puts each event into its lane once, in order', async () => {
  const { organizationId, key, client, endpointId } = await services.partner();
  const { receiver } = services;
  const delivery = services.process('webhook-delivery');
  let url = await delivery.start({ CASEWIRE_CRASH_AT: 'replay.found' });

  const cases = Array.from({ length: 20 }, () => ({ id: randomUUID() }));
  const events = Array.from({ length: 30 }, () => cases).flat();
  await complete(services.log, { organizationId }, events);
  await receiver.until((requests) => requests.length >= events.length, 60_000);
  await expect
    .poll(
      async () => (await new PartnerClient(url, key).deliveries({ state: 'pending' })).items.length,
      patience,
    )
    .toBe(0);
  // Deliveries stay in their lanes until the replay has been checked.
  await client.changeEndpoint(endpointId, { enabled: false });
  await expect
    .poll(async () => (await new DeliveryClient(url, key).health(endpointId)).enabled, patience)
    .toBe(false);

  const deaths = ['replay.queued', 'replay.queued:2', ''];
  const { id: replay } = await new DeliveryClient(url, key).replay({
    kind: 'period',
    endpointId,
    from: '2020-01-01T00:00:00Z',
    to: '2100-01-01T00:00:00Z',
  });
  for (const at of deaths) {
    await delivery.gone();
    url = await delivery.start(at === '' ? {} : { CASEWIRE_CRASH_AT: at });
  }
  const progress = async () => (await new DeliveryClient(url, key).replayOf(replay)).progress;
  await expect.poll(progress, patience).toMatchObject({ queued: events.length });

  await client.changeEndpoint(endpointId, { enabled: true });
  await expect.poll(progress, patience).toMatchObject({ delivered: events.length });
  const idsOf = (id: string, by: string | undefined) =>
    receiver.requests
      .filter((request) => caseOf(request) === id && replayOf(request) === by)
      .map(idOf);
  for (const { id } of cases) expect(idsOf(id, replay)).toEqual(idsOf(id, undefined));
}, 240_000);
