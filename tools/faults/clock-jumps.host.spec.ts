import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { PartnerClient } from '@casewire/client';
import type { ReceivedRequest, WebhookReceiver } from '@casewire/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { caseOf, complete, idOf } from '../e2e/completed-cases.ts';
import { DeliveryServices } from './delivery-services.ts';
import { MovableClock } from './libfaketime.ts';

const hour = 3600;
const cases = Array.from({ length: 12 }, () => ({ id: randomUUID() }));
const roundsPerPhase = 4;

let services: DeliveryServices;
let receiver: WebhookReceiver;
beforeEach(async () => {
  services = await DeliveryServices.start();
  ({ receiver } = services);
});
afterEach(() => services.stop());

/** The difference between the clock of the sender and the real one, in hours. */
const hoursAhead = ({ headers, receivedAt }: ReceivedRequest): number =>
  Math.round((Number(headers['webhook-timestamp']) - receivedAt / 1000) / hour);

const sequencesOf = (requests: readonly ReceivedRequest[], id: string): number[] =>
  requests
    .filter((request) => caseOf(request) === id)
    .map(({ headers }) => Number(headers['webhook-sequence']));

test('a delivery process whose wall clock jumps by an hour, there and back, loses, repeats and reorders no event, and keeps its leases', async () => {
  const { organizationId, key } = await services.partner();
  // The other instance has the real time, and claims every lane whose lease it considers expired.
  const clock = new MovableClock(join(services.folder, 'clock'));
  const [url] = await Promise.all([
    services.process('webhook-delivery').start(),
    services.process('webhook-delivery').start(clock.env),
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
      await complete(services.log, { organizationId }, cases);
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
    await complete(services.log, { organizationId }, cases);
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
