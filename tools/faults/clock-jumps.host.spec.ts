import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OperatorClient, PartnerClient } from '@casewire/client';
import { EventLog } from '@casewire/event-log';
import { startInfrastructure, type Infrastructure } from '@casewire/standalone';
import { serviceEnv, type ServiceName } from '@casewire/standalone';
import { WebhookReceiver, type ReceivedRequest } from '@casewire/testing';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';

import { ServiceProcess } from '../dev/service-process.ts';
import { caseOf, complete, idOf } from '../e2e/completed-cases.ts';
import { MovableClock } from './libfaketime.ts';

const hour = 3600;
const cases = Array.from({ length: 12 }, () => ({ id: randomUUID() }));
const roundsPerPhase = 4;

let folder: string;
let infrastructure: Infrastructure;
let receiver: WebhookReceiver;
let log: EventLog;
let services: ServiceProcess[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'casewire-clock-'));
  infrastructure = await startInfrastructure({
    directory: folder,
    postgres: { url: inject('postgresUrl'), prefix: `t${randomUUID().slice(0, 8)}_` },
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

async function start(name: ServiceName, env: Record<string, string> = {}): Promise<string> {
  const made = new ServiceProcess(name, serviceEnv(infrastructure.surroundings));
  services.push(made);
  return made.start(env);
}

/** The difference between the clock of the sender and the real one, in hours. */
const hoursAhead = ({ headers, receivedAt }: ReceivedRequest): number =>
  Math.round((Number(headers['webhook-timestamp']) - receivedAt / 1000) / hour);

const sequencesOf = (requests: readonly ReceivedRequest[], id: string): number[] =>
  requests
    .filter((request) => caseOf(request) === id)
    .map(({ headers }) => Number(headers['webhook-sequence']));

test('a delivery process whose wall clock jumps by an hour, there and back, loses, repeats and reorders no event, and keeps its leases', async () => {
  await start('event-catalog');
  const registry = await start('subscriptions');
  const operator = new OperatorClient(registry, infrastructure.surroundings.keys.operator);
  const { id: organizationId } = await operator.createOrganization({
    name: 'Acme',
    egress: { allow: ['127.0.0.0/8'], plainHttp: true },
  });
  const { key } = await operator.createApiKey(organizationId, { environment: 'sandbox' });
  const partner = new PartnerClient(registry, key);
  await partner.createEndpoint({ url: receiver.url('/hook'), eventTypes: ['case.completed'] });
  // The other instance has the real time, and claims every lane whose lease it considers expired.
  const clock = new MovableClock(join(folder, 'clock'));
  const [url] = await Promise.all([
    start('webhook-delivery'),
    start('webhook-delivery', clock.env),
  ]);

  // The first request of each phase is answered after the clock of its sender has moved and other requests have been sent.
  let delayed: { until: Promise<void>; used: boolean } | undefined;
  const answered: string[] = [];
  receiver.respond = async (request, response) => {
    if (delayed && !delayed.used) {
      delayed.used = true;
      await delayed.until;
    }
    answered.push(idOf(request));
    response.writeHead(200).end();
  };
  let expected = 0;
  const deliver = async () => {
    for (let round = 0; round < roundsPerPhase; round += 1)
      await complete(log, { organizationId }, cases);
    expected += roundsPerPhase * cases.length;
  };
  for (const [offset, next] of [
    [0, hour],
    [hour, -hour],
    [-hour, 0],
  ] as const) {
    clock.moveTo(offset);
    const moved = Promise.withResolvers<void>();
    delayed = { until: moved.promise, used: false };
    await deliver();
    // All but the rest of the lane whose request is not answered yet.
    await receiver.until((requests) => requests.length >= expected - roundsPerPhase + 1, 60_000);
    clock.moveTo(next);
    const before = receiver.requests.length;
    await complete(log, { organizationId }, cases);
    expected += cases.length;
    await receiver.until((requests) => requests.length >= before + cases.length - 1, 60_000);
    moved.resolve();
    await receiver.until((requests) => requests.length >= expected, 60_000);
  }

  const deliveries = new PartnerClient(url, key);
  const pending = async () => (await deliveries.deliveries({ state: 'pending' })).items;
  await expect.poll(pending, { timeout: 60_000 }).toEqual([]);
  expect(receiver.requests).toHaveLength(expected);
  expect(new Set(receiver.requests.map(idOf)).size).toBe(expected);
  expect(new Set(answered).size).toBe(expected);
  const perCase = expected / cases.length;
  for (const { id } of cases)
    expect(sequencesOf(receiver.requests, id)).toEqual(
      Array.from({ length: perCase }, (_, index) => index + 1),
    );
  // The clock moved in both directions, and both instances sent.
  expect(new Set(receiver.requests.map(hoursAhead))).toEqual(new Set([0, 1, -1]));
}, 240_000);
