import 'reflect-metadata';
import { DocumentType, Feature } from '@casewire/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { OrderTrial } from './order-trial.ts';
import { TestPlatform, type Listener } from './test-platform.ts';

let platform: TestPlatform;
let trial: OrderTrial;
let listener: Listener;
beforeAll(async () => {
  platform = await TestPlatform.start();
  trial = await OrderTrial.start(platform);
  listener = await trial.partner.listen({ eventTypes: ['order.created', 'order.completed'] });
});
afterAll(() => platform?.stop());

/** A text of this many characters that begins with a number. */
const long = (length: number, n = 0, filler = 'x') => `${n}`.padEnd(length, filler);
const entries = (count: number, nameLength: number, value: (n: number) => string) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [long(nameLength, n, 'k'), value(n)] as const),
  );

test('a template and an order with the largest values of every field are stored, read and delivered as they are', async () => {
  const names = Array.from({ length: 10 }, (_, n) => `v${long(62, n, 'v')}`);
  const largest = {
    id: long(63, 7, 't'),
    title: long(200),
    verifications: names.map((name) => ({
      name,
      method: 'outreach' as const,
      documentTypes: DocumentType.exclude(['unknown']).options,
      features: Feature.options,
      approval: 'another' as const,
    })),
  };
  const created = await trial.orders.createTemplate(largest);
  expect(created).toEqual({ ...largest, version: 1 });
  // Three bytes each in UTF-8, and six in JSON where it is a control character.
  const wide = long(1024, 0, '€');
  const control = long(1024, 0, '\u0001');
  const metadata = entries(50, 64, (n) => (n % 2 === 0 ? wide : control));
  const user = {
    externalId: long(128, 0, '€'),
    name: long(200, 0, '€'),
    // 64 before the @, labels of 63 behind it: 254 in all.
    email: `${'a'.repeat(64)}@${['b', 'c', 'd'].map((one) => one.repeat(61)).join('.')}.com`,
    phone: long(40),
  };
  const employers = names.map((name, n) => ({
    name,
    employer: { externalId: long(128, n, '€'), name: long(200, n, '€') },
  }));
  const order = await trial.orders.create({
    templateId: largest.id,
    user,
    metadata,
    verifications: employers,
    correlationId: long(256, 0, '~'),
  });
  expect(order).toMatchObject({ user, metadata, correlationId: long(256, 0, '~') });
  expect(order.verifications.map(({ employer }) => employer)).toEqual(
    employers.map(({ employer }) => employer),
  );
  expect(await trial.orders.order(order.id)).toEqual(order);
  await trial.orders.cancel(order.id);
  await listener.receiver.until((requests) => requests.length === 2);
  for (const { body } of listener.receiver.requests)
    expect(JSON.parse(body.toString())).toMatchObject({ payload: { orderId: order.id, metadata } });
});

test('information with the largest values of every field is stored and read as it is', async () => {
  const { verificationId } = await trial.orderAfterCase('action-required');
  const data = entries(100, 64, (n) => long(4000, n));
  const given = await trial.orders.giveInformation(verificationId, data);
  expect(given.information.map((one) => one.data)).toEqual([data]);
  expect(await trial.orders.verification(verificationId)).toEqual(given);
});

test('a body that is larger than the limit of the API is refused, and nothing is stored', async () => {
  const { verificationId } = await trial.orderAfterCase('action-required');
  const before = await trial.state();
  const data = entries(100, 64, (n) => long(4000, n, '€'));
  expect(
    await trial.send({ path: `verifications/${verificationId}/information`, body: { data } }),
  ).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  expect(await trial.state()).toEqual(before);
});

test('a refresh selects ten verifications', async () => {
  const { orderId, verificationId } = await trial.orderAfterCase('completed');
  // The same one may be named again.
  const verificationIds = Array.from({ length: 10 }, () => verificationId);
  const { refresh } = await trial.orders.refresh(orderId, { verificationIds });
  expect(refresh?.taskIds).toHaveLength(1);
});
