import 'reflect-metadata';
import { formOf } from '@casewire/client';
import { Stage } from '@casewire/contracts';
import { decodeSecret, verify } from '@casewire/webhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  document,
  eventOf,
  namesOf,
  stageNamesOf,
  untilCompleted,
  untilEvents,
  TestPlatform,
} from './test-platform.ts';

/** A platform without stages: no stage result is ever published. */
let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [], env: { STAGE_TIMEOUT_MS: '1000' } });
});
afterAll(() => platform.stop());

test('TE-8 TE-10 TE-12 TE-14 a stage without a result in time fails finally, and the case continues', async () => {
  const partner = await platform.partner();
  const listener = await partner.listen();
  const view = await partner.client.submit({ files: [await document('invoice')] });
  await untilCompleted(listener, view);
  expect(stageNamesOf(listener.receiver.requests)).toEqual(
    Stage.options.map((stage) => `case.${stage}.failed`).toSorted(),
  );
  const after = await partner.client.case(view.id);
  expect(after).toMatchObject({ status: 'completed', result: 'failed' });
  for (const { failure } of after.uploads[0]!.stages)
    expect(failure?.code).toBe('DEADLINE_EXCEEDED');
});

test('an endpoint that hangs delays no other endpoint', async () => {
  const partner = await platform.partner();
  const hanging = await partner.listen({ eventTypes: ['case.submitted'], maxInFlight: 4 });
  hanging.receiver.respond = () => new Promise(() => {});
  const other = await partner.listen({ eventTypes: ['case.submitted'] });
  // More than the platform sends to one endpoint at the same time.
  const file = await document('invoice');
  for (let i = 0; i < 10; i++)
    await partner.client.submit({ files: [file], features: ['extraction'] });
  await untilEvents(other, 10);
  const { items } = await partner.client.deliveries({
    endpointId: hanging.endpoint.id,
    state: 'pending',
    limit: 100,
  });
  expect(items).toHaveLength(10);
}, 90_000);

test('a deleted endpoint gets nothing more, and its pending deliveries are canceled', async () => {
  const partner = await platform.partner();
  const listener = await partner.listen({ eventTypes: ['case.submitted', 'upload.received'] });
  listener.receiver.respond = (_, response) => void response.writeHead(500).end();
  await partner.client.submit({ files: [await document('invoice')], features: ['extraction'] });
  await listener.receiver.until((requests) => requests.length > 0);
  await partner.client.deleteEndpoint(listener.endpoint.id);
  const states = async () =>
    (await partner.client.deliveries({ endpointId: listener.endpoint.id })).items.map(
      ({ state }) => state,
    );
  await expect.poll(states, { timeout: 10_000 }).toEqual(['canceled', 'canceled']);
});

test('the stored data of a deleted case are erased, and its pending deliveries are canceled', async () => {
  const partner = await platform.partner();
  const listener = await partner.listen({ eventTypes: ['case.submitted', 'upload.received'] });
  listener.receiver.respond = (request, response) =>
    void response
      .writeHead(eventOf(request).eventName === 'case.submitted' ? 200 : 500)
      .end('you said applicant-9876');
  const view = await partner.client.submit({
    files: [await document('invoice')],
    features: ['extraction'],
    externalId: 'applicant-9876',
  });
  await listener.receiver.until((requests) => namesOf(requests).includes('upload.received'));
  await partner.client.deleteCase(view.id);
  const deliveries = async () =>
    (await partner.client.deliveries({ endpointId: listener.endpoint.id })).items;
  await expect
    .poll(async () => (await deliveries()).map(({ state }) => state), { timeout: 10_000 })
    .toEqual(['canceled', 'delivered']);
  for (const { id } of await deliveries()) {
    const detail = JSON.stringify(await partner.client.delivery(id));
    expect(detail).not.toContain('applicant-9876');
  }
});

test('while a secret is rotated, both secrets verify a request', async () => {
  const partner = await platform.partner();
  const listener = await partner.listen({ eventTypes: ['case.submitted'] });
  const rotated = await partner.client.rotateSecret(listener.endpoint.id);
  expect(rotated.secret).not.toBe(listener.endpoint.secret);
  const sendOne = async () =>
    partner.client.submit({ files: [await document('invoice')], features: ['extraction'] });
  await expect
    .poll(
      async () => {
        await sendOne();
        const last = listener.receiver.requests.at(-1);
        return String(last?.headers['webhook-signature']).split(' ').length;
      },
      { timeout: 10_000 },
    )
    .toBe(2);
  const { body, headers } = listener.receiver.requests.at(-1)!;
  for (const secret of [listener.endpoint.secret, rotated.secret]) {
    expect(verify(body, headers, [decodeSecret(secret)]).id).toBe(headers['webhook-id']);
  }
});

test('TW-19 the eleventh endpoint of an organization is refused, sandbox and production together', async () => {
  const partner = await platform.partner();
  for (let i = 0; i < 10; i++) {
    await platform.operator.provisionEndpoint(partner.organizationId, {
      url: `http://127.0.0.1:1/${i}`,
      environment: i % 2 === 0 ? 'sandbox' : 'production',
    });
  }
  await expect(
    partner.client.createEndpoint({ url: 'http://127.0.0.1:1/11' }),
  ).rejects.toMatchObject({
    status: 409,
    problem: { code: 'TOO_MANY_ENDPOINTS' },
  });
});

test('the trace of the request is continued in the webhook request', async () => {
  const partner = await platform.partner();
  const listener = await partner.listen({ eventTypes: ['case.submitted'] });
  const traceId = 'abcdef0123456789abcdef0123456789';
  await fetch(`${platform.url}/partner/v1/cases`, {
    method: 'POST',
    headers: { 'x-api-key': partner.key, traceparent: `00-${traceId}-0123456789abcdef-01` },
    body: formOf({ files: [await document('invoice')], features: ['extraction'] }),
  });
  await untilEvents(listener, 1);
  expect(listener.receiver.requests[0]?.headers.traceparent).toContain(traceId);
});
