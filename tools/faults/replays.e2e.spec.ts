import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DeliveryClient, OperatorClient, PartnerClient } from '@casewire/client';
import { EventLog } from '@casewire/event-log';
import { startInfrastructure, type Infrastructure } from '@casewire/standalone';
import { serviceEnv, type ServiceName } from '@casewire/standalone';
import { WebhookReceiver } from '@casewire/testing';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';

import { ServiceProcess } from '../dev/service-process.ts';
import { caseOf, complete, idOf, replayOf } from '../e2e/completed-cases.ts';

const patience = { timeout: 120_000, interval: 200 };

let folder: string;
let infrastructure: Infrastructure;
let receiver: WebhookReceiver;
let log: EventLog;
let services: ServiceProcess[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'casewire-replays-'));
  infrastructure = await startInfrastructure({
    directory: folder,
    postgres: { url: inject('postgresUrl'), prefix: `d${randomUUID().slice(0, 8)}_` },
  });
  receiver = await new WebhookReceiver().start();
  log = new EventLog({ brokers: [infrastructure.surroundings.brokers], clientId: 'test' });
  services = [];
});
afterEach(async () => {
  await log.close();
  await Promise.all(services.map((one) => one.stop('SIGKILL')));
  await receiver.stop();
  await infrastructure.stop();
  rmSync(folder, { recursive: true, force: true });
});

function service(name: ServiceName): ServiceProcess {
  const made = new ServiceProcess(name, serviceEnv(infrastructure.surroundings));
  services.push(made);
  return made;
}

test('G2 a replay whose instance dies at any crash point puts each event into its lane once, in order', async () => {
  await service('event-catalog').start();
  const registry = await service('subscriptions').start();
  const operator = new OperatorClient(registry, infrastructure.surroundings.keys.operator);
  const { id: organizationId } = await operator.createOrganization({
    name: 'Acme',
    egress: { allow: ['127.0.0.0/8'], plainHttp: true },
  });
  const { key } = await operator.createApiKey(organizationId, { environment: 'sandbox' });
  const partner = new PartnerClient(registry, key);
  const { id: endpointId } = await partner.createEndpoint({
    url: receiver.url('/hook'),
    eventTypes: ['case.completed'],
  });
  const delivery = service('webhook-delivery');
  let url = await delivery.start({ CASEWIRE_CRASH_AT: 'replay.found' });

  const cases = Array.from({ length: 20 }, () => ({ id: randomUUID() }));
  const events = Array.from({ length: 30 }, () => cases).flat();
  await complete(log, { organizationId }, events);
  await receiver.until((requests) => requests.length >= events.length, 60_000);
  await expect
    .poll(
      async () => (await new PartnerClient(url, key).deliveries({ state: 'pending' })).items.length,
      patience,
    )
    .toBe(0);
  // Deliveries stay in their lanes until the replay has been checked.
  await partner.changeEndpoint(endpointId, { enabled: false });
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

  await partner.changeEndpoint(endpointId, { enabled: true });
  await expect.poll(progress, patience).toMatchObject({ delivered: events.length });
  const idsOf = (id: string, by: string | undefined) =>
    receiver.requests
      .filter((request) => caseOf(request) === id && replayOf(request) === by)
      .map(idOf);
  for (const { id } of cases) expect(idsOf(id, replay)).toEqual(idsOf(id, undefined));
}, 240_000);
