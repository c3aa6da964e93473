import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import type { DeliveryClient } from '@casewire/client';
import { EventLog } from '@casewire/event-log';
import type { ReceivedRequest } from '@casewire/testing';
import { decodeSecret, verify } from '@casewire/webhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { makeTeam as newTeam, publish as publishOf, type TeamEvent } from './team.ts';
import { TestPlatform, type Listener } from './test-platform.ts';

const patience = { timeout: 20_000 };
let platform: TestPlatform;
let log: EventLog;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
  log = new EventLog({ brokers: [platform.brokers], clientId: 'a-team' });
});
afterAll(async () => {
  await log.close();
  await platform.stop();
});

const makeTeam = (slug: string, prefixes: string[]) => newTeam(platform, log, slug, prefixes);
const publish = (slug: string, event: TeamEvent) => publishOf(log, slug, event);

const moved = {
  category: 'Stock',
  trigger: 'Stock was moved',
  schema: {
    type: 'object',
    properties: { sku: { type: 'string' }, count: { type: 'integer' } },
    required: ['sku', 'count'],
    additionalProperties: false,
  },
  sample: { sku: 'a-1', count: 2 },
};

const bodyOf = ({ body }: ReceivedRequest) => JSON.parse(body.toString());
const received = ({ receiver }: Listener, count: number) =>
  receiver.until((requests) => requests.length >= count);
/** The dead letters of a team, as soon as there are `count` of them. */
async function deadLettersOf({ delivery }: { delivery: DeliveryClient }, count: number) {
  await expect.poll(async () => (await delivery.deadLetters()).items.length, patience).toBe(count);
  return (await delivery.deadLetters()).items;
}

test('TG-16 an event of a team reaches a partner in the format of TrustGate, signed', async () => {
  await makeTeam('screening', ['screening.']);
  const partner = await platform.partner();
  const listener = await partner.listen({
    dialect: 'trustgate',
    eventTypes: ['screening.completed'],
  });
  const data = {
    applicant_id: randomUUID(),
    external_id: null,
    screening_check_id: randomUUID(),
    status: 'clear',
    hit_count: 0,
    check_types: ['sanctions', 'pep'],
    list_version: '2026-02-04',
    completed_at: '2026-02-04T14:10:00Z',
  };
  await publish('screening', { type: 'screening.completed', to: partner.organizationId, data });
  await received(listener, 1);
  const [request] = listener.receiver.requests;
  const verified = verify(request!.body, request!.headers, [
    decodeSecret(listener.endpoint.secret),
  ]);
  expect(verified.sequence).toMatchObject({ number: 1 });
  expect(bodyOf(request!)).toEqual({
    event_type: 'screening.completed',
    event_id: verified.id,
    timestamp: '2026-02-04T14:08:00.000Z',
    tenant_id: partner.organizationId,
    correlation_id: null,
    data,
  });
});

test('TG-8 the webhook of the account and the configured webhooks get the same event', async () => {
  await makeTeam('sessions', ['session.']);
  const partner = await platform.partner();
  const account = await platform.receiver();
  await platform.operator.changeOrganization(partner.organizationId, {
    callback: { url: account.url('/account'), dialect: 'trustgate' },
  });
  const configured = await partner.listen({ dialect: 'trustgate', eventTypes: ['*'] });
  const data = {
    session_id: randomUUID(),
    applicant_id: randomUUID(),
    status: 'completed',
    completed_at: '2026-02-04T14:10:00Z',
    completion_data: null,
  };
  await publish('sessions', { type: 'session.completed', to: partner.organizationId, data });
  await Promise.all([received(configured, 1), account.until((requests) => requests.length >= 1)]);
  const [one, two] = [account.requests[0]!, configured.receiver.requests[0]!];
  expect(one.headers['webhook-id']).toBe(two.headers['webhook-id']);
  expect(bodyOf(one)).toEqual(bodyOf(two));
  const { items } = await partner.client.deliveries();
  expect(items.map(({ callbackUrl }) => callbackUrl).toSorted()).toEqual([
    account.url('/account'),
    null,
  ]);
});

test('a team registers a type, and a partner who subscribes gets it in order', async () => {
  const team = await makeTeam('stock', ['stock.']);
  await team.catalog.register({ name: 'stock.moved', ...moved });
  const partner = await platform.partner();
  const listener = await partner.listen({ eventTypes: ['stock.moved'] });
  for (const count of [1, 2, 3]) {
    await publish('stock', {
      type: 'stock.moved',
      to: partner.organizationId,
      key: 'a-1',
      data: { sku: 'a-1', count },
    });
  }
  await received(listener, 3);
  expect(listener.receiver.requests.map((one) => bodyOf(one).payload.count)).toEqual([1, 2, 3]);
});

test('an event of an unknown type is a dead letter until the type is registered; its replay delivers it, marked as a replay', async () => {
  const team = await makeTeam('depot', ['depot.']);
  const partner = await platform.partner();
  const listener = await partner.listen({ eventTypes: ['*'] });
  const event = { type: 'depot.moved', to: partner.organizationId, key: 'a-1' };
  await publish('depot', { ...event, data: { sku: 'a-1', count: 1 } });
  const [deadLetter] = await deadLettersOf(team, 1);
  expect(deadLetter).toMatchObject({
    topic: 'events.depot',
    key: 'a-1',
    value: '{"sku":"a-1","count":1}',
    code: 'EVENT_TYPE_UNKNOWN',
    reason: 'depot.moved is not in the catalog',
    replayedAt: null,
  });
  await expect(team.delivery.replayDeadLetter(deadLetter!.id)).rejects.toMatchObject({
    status: 409,
    problem: { code: 'EVENT_TYPE_UNKNOWN', detail: deadLetter!.reason },
  });
  await team.catalog.register({ name: 'depot.moved', ...moved });
  const replay = await team.delivery.replayDeadLetter(deadLetter!.id);
  await received(listener, 1);
  const [request] = listener.receiver.requests;
  expect(bodyOf(request!)).toMatchObject({ eventName: 'depot.moved' });
  expect(request!.headers['webhook-replay']).toBe(replay.id);
  expect(request!.headers['webhook-sequence']).toBeUndefined();
  verify(request!.body, request!.headers, [decodeSecret(listener.endpoint.secret)]);
  expect((await team.delivery.replayDeadLetter(deadLetter!.id)).id).toBe(replay.id);
  // A later event starts the lane: the replay was sent outside it.
  await publish('depot', { ...event, data: { sku: 'a-1', count: 2 } });
  await received(listener, 2);
  expect(listener.receiver.requests[1]!.headers).toMatchObject({ 'webhook-sequence': '1' });
  expect(listener.receiver.requests).toHaveLength(2);
  expect((await team.delivery.deadLetter(deadLetter!.id)).replayedAt).not.toBeNull();
  await expect
    .poll(async () => (await team.delivery.replayOf(replay.id)).state, patience)
    .toBe('completed');
});

test('an event that a team may not publish, or an invalid one, is a dead letter of this team only, with the reason', async () => {
  const [team, other] = [
    await makeTeam('ledger', ['ledger.']),
    await makeTeam('rates', ['rates.']),
  ];
  const [mine, foreign] = [await platform.partner(), await platform.partner()];
  const listener = await foreign.listen({ eventTypes: ['*'] });
  await team.catalog.register({
    name: 'ledger.booked',
    ...moved,
    addressees: [mine.organizationId],
  });
  await other.catalog.register({ name: 'rates.changed', ...moved });
  const to = mine.organizationId;
  const data = { sku: 'a-1', count: 1 };
  await publish('ledger', { type: 'rates.changed', to, data });
  await publish('ledger', { type: 'ledger.booked', to, data: { sku: 'a-1', count: 'many' } });
  await publish('ledger', { type: 'ledger.booked', to: foreign.organizationId, data });
  await publish('ledger', { type: 'ledger.booked', to, data, headers: { ce_time: 'now' } });
  const deadLetters = await deadLettersOf(team, 4);
  expect(deadLetters.map(({ code }) => code).toSorted()).toEqual([
    'EVENT_ADDRESSEE_NOT_ALLOWED',
    'EVENT_HEADERS_INVALID',
    'EVENT_SCHEMA_VIOLATED',
    'EVENT_TOPIC_WRONG',
  ]);
  const [violated] = (await team.delivery.deadLetters({ code: 'EVENT_SCHEMA_VIOLATED' })).items;
  expect(violated!.reason).toContain('/count');
  expect((await other.delivery.deadLetters()).items).toEqual([]);
  await expect(other.delivery.deadLetter(violated!.id)).rejects.toMatchObject({ status: 404 });
  await expect(other.delivery.replayDeadLetter(violated!.id)).rejects.toMatchObject({
    status: 404,
  });
  for (const { id, code } of deadLetters) {
    await expect(team.delivery.replayDeadLetter(id)).rejects.toMatchObject({
      status: 409,
      problem: { code },
    });
  }
  expect(listener.receiver.requests).toEqual([]);
});
