import 'reflect-metadata';
import { EventLog } from '@casewire/event-log';
import type { ReceivedRequest } from '@casewire/testing';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { makeTeam, publish } from './team.ts';
import { document, namesOf, TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let log: EventLog;
beforeAll(async () => {
  // No stage runs: a case is completed as failed after STAGE_TIMEOUT_MS.
  platform = await TestPlatform.start({ stages: [], env: { STAGE_TIMEOUT_MS: '1000' } });
  log = new EventLog({ brokers: [platform.brokers], clientId: 'a-team' });
});
afterAll(async () => {
  await log.close();
  await platform.stop();
});

const bodyOf = ({ body }: ReceivedRequest) => JSON.parse(body.toString());
const submit = async ({ client }: Partner, over: object = {}) =>
  client.submit({ files: [await document('invoice')], features: ['extraction'], ...over });
const count = (requests: readonly ReceivedRequest[], name: string) =>
  namesOf(requests).filter((one) => one === name).length;

test('TI-2 TI-9 TI-10 TI-20 TI-22 a case with its own callback URL is delivered there, exactly as given; a case without one to the URL of the account', async () => {
  const partner = await platform.partner();
  const account = await platform.receiver();
  const journey = await platform.receiver();
  await platform.operator.changeOrganization(partner.organizationId, {
    callback: { url: account.url('/account'), dialect: 'trustid' },
  });
  const { secret } = await partner.client.rotateCallbackSecret();
  const path = '/journey/%7E1?b=2&a=1&b=%20';
  const own = await submit(partner, { callbackUrl: journey.url(path), reference: 'ref-1' });
  const other = await submit(partner);
  const workflows = (requests: readonly ReceivedRequest[]) =>
    requests.map((request) => {
      const { Callback, Response } = bodyOf(request);
      return `${Response.ContainerId} ${Callback.WorkflowName} ${Callback.WorkflowState}`;
    });
  for (const [receiver, { id }] of [
    [journey, own],
    [account, other],
  ] as const) {
    await receiver.until((requests) => requests.length >= 2);
    expect(workflows(receiver.requests)).toEqual([
      `${id} AutoReferral Start`,
      `${id} AutoReferral Stop`,
    ]);
  }
  expect(new Set(journey.requests.map((request) => request.path))).toEqual(new Set([path]));
  expect(new Set(account.requests.map((request) => request.path))).toEqual(new Set(['/account']));
  const [first] = journey.requests as [ReceivedRequest];
  expect(bodyOf(first).Callback).toMatchObject({ CallbackUrl: journey.url(path) });
  expect(bodyOf(first).Callback.WorkflowStorage).toContainEqual({
    Key: 'ClientApplicationReference',
    Value: 'ref-1',
  });
  const headers = first.headers as Record<string, string>;
  expect(new Webhook(secret).verify(first.body.toString(), headers)).toEqual(bodyOf(first));
});

test('TI-1 TI-4 an event that an operator turned off is delivered to no endpoint of the organization; the result is still delivered', async () => {
  const partner = await platform.partner();
  await platform.operator.changeOrganization(partner.organizationId, {
    eventsOff: ['case.submitted'],
  });
  const { receiver } = await partner.listen();
  await submit(partner);
  await receiver.until((requests) => count(requests, 'case.completed') === 1);
  expect(count(receiver.requests, 'case.submitted')).toBe(0);
});

test('an event passes if it satisfies all filters', async () => {
  const partner = await platform.partner();
  const filtered = (value: string) =>
    partner.listen({
      eventTypes: ['case.completed'],
      filters: [
        { path: 'result', operator: 'eq', value },
        { path: 'externalId', operator: 'exists', value: true },
      ],
    });
  const [failed, succeeded] = [await filtered('failed'), await filtered('succeeded')];
  const everything = await partner.listen({ eventTypes: ['case.completed'] });
  await submit(partner, { externalId: 'one' });
  await failed.receiver.until((requests) => requests.length === 1);
  await everything.receiver.until((requests) => requests.length === 1);
  const { items } = await partner.client.deliveries({ endpointId: succeeded.endpoint.id });
  expect(items).toEqual([]);
});

test('TG-21 TG-22 TW-21 TW-22 a ping is delivered like any event, in the format of each dialect; Truework’s has the token that the API shows', async () => {
  const partner = await platform.partner();
  const trustgate = await partner.listen({ dialect: 'trustgate', eventTypes: ['*'] });
  const truework = await partner.listen({ dialect: 'truework', eventTypes: ['*'] });
  for (const { endpoint, receiver } of [trustgate, truework]) {
    await partner.client.ping(endpoint.id);
    await receiver.until((requests) => requests.length === 1);
  }
  expect(bodyOf(trustgate.receiver.requests[0]!)).toEqual({
    event: 'test.ping',
    timestamp: expect.any(String),
    data: { message: expect.any(String), webhook_id: trustgate.endpoint.id },
  });
  const { token } = await partner.client.endpointToken(truework.endpoint.id);
  expect(truework.receiver.requests[0]!.headers['x-truework-token']).toBe(token);
});

const booked = (fields: Record<string, object>, sample: Record<string, unknown>) => ({
  category: 'Ledger',
  trigger: 'An amount was booked',
  schema: {
    type: 'object',
    properties: fields,
    required: Object.keys(fields),
    additionalProperties: false,
  },
  sample,
});

test('TW-25 TW-26 TW-27 TW-28 each endpoint gets the version that it subscribed to, until it is upgraded', async () => {
  const team = await makeTeam(platform, log, 'ledger', ['ledger.']);
  const partner = await platform.partner();
  await team.catalog.register({
    name: 'ledger.booked',
    ...booked({ cents: { type: 'integer' } }, { cents: 250 }),
  });
  const old = await partner.listen({ eventTypes: ['ledger.booked'] });
  await team.catalog.createVersion('ledger.booked', {
    ...booked(
      { amount: { type: 'integer' }, currency: { type: 'string' } },
      { amount: 250, currency: 'EUR' },
    ),
    downConversion: '{ "cents": amount }',
  });
  const latest = await partner.listen({ eventTypes: ['ledger.booked'] });
  const book = (amount: number) =>
    publish(log, 'ledger', {
      type: 'ledger.booked',
      to: partner.organizationId,
      key: 'account-1',
      data: { amount, currency: 'EUR' },
    });
  await book(1);
  await old.receiver.until((requests) => requests.length === 1);
  await latest.receiver.until((requests) => requests.length === 1);
  expect(bodyOf(old.receiver.requests[0]!).payload).toMatchObject({ cents: 1 });
  expect(bodyOf(old.receiver.requests[0]!).payload).not.toHaveProperty('amount');
  expect(bodyOf(latest.receiver.requests[0]!).payload).toMatchObject({ amount: 1 });

  const upgraded = await partner.client.upgrade(old.endpoint.id, 'ledger.booked');
  expect(upgraded).toMatchObject({ from: 1, to: 2 });
  expect(upgraded.changes.filter(({ breaking }) => breaking)).not.toEqual([]);
  await expect(partner.client.upgrade(old.endpoint.id, 'ledger.booked', 1)).rejects.toMatchObject({
    status: 409,
  });
  await book(2);
  await old.receiver.until((requests) => requests.length === 2);
  expect(bodyOf(old.receiver.requests[1]!).payload).toMatchObject({ amount: 2 });
});
