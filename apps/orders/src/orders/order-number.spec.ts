import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { StartedOrderApi } from '../../test/started-order-api.ts';
import { numberOf, readableNumber } from './order-number.ts';

/** The bytes that are drawn next; every byte of a draw is the same. */
const draws: number[] = [];
let api: StartedOrderApi;
beforeAll(async () => {
  const random = (size: number) => new Uint8Array(size).fill(draws.shift()!);
  api = await StartedOrderApi.start({ random });
});
afterAll(() => api.stop());

const create = (tenant = {}) => {
  const key = api.key({ organizationId: randomUUID(), ...tenant });
  return api.send('POST orders', { key, body: { templateId: 'casewire.income' } });
};

test('a number has characters that people do not confuse, each of the 32 equally often', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const counts = new Map<string, number>();
  for (let at = 0; at < 256; at += 8)
    for (const one of numberOf(() => all.subarray(at, at + 8))
      .slice(3)
      .replace('-', ''))
      counts.set(one, (counts.get(one) ?? 0) + 1);
  expect([...counts.keys()].toSorted().join('')).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
  expect(new Set(counts.values())).toEqual(new Set([8]));
  expect(numberOf(randomBytes)).toMatch(/^CW-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
});

test.each(['CW-7F30-9Q1D', 'cw-7f30-9q1d', '7F30 9Q1D', ' cw7f3o9qld ', 'CW-7F3O-9QID'])(
  'a person may type %j',
  (typed) => {
    expect(readableNumber(typed)).toBe('CW-7F30-9Q1D');
  },
);

test('a number that an order of the tenant has is drawn again', async () => {
  const organizationId = randomUUID();
  draws.push(1, 1, 1, 2);
  expect(await create({ organizationId })).toMatchObject({ body: { number: 'CW-1111-1111' } });
  expect(await create({ organizationId })).toMatchObject({ body: { number: 'CW-2222-2222' } });
  expect(draws).toEqual([]);
});

test('two tenants, and two environments of one, can have the same number', async () => {
  const organizationId = randomUUID();
  draws.push(3, 3, 3);
  for (const tenant of [{ organizationId }, { organizationId, environment: 'production' }, {}])
    expect(await create(tenant)).toMatchObject({
      status: 201,
      body: { number: 'CW-3333-3333' },
    });
});

test('the number of a deleted order is not used again', async () => {
  const organizationId = randomUUID();
  draws.push(4, 4, 5);
  const { body } = await create({ organizationId });
  await api.client({ organizationId }).remove(String(body.id));
  expect(await create({ organizationId })).toMatchObject({ body: { number: 'CW-5555-5555' } });
});

test('after five numbers that are in use the request is refused, and nothing is stored', async () => {
  const organizationId = randomUUID();
  draws.push(6, 6, 6, 6, 6, 6);
  await create({ organizationId });
  expect(await create({ organizationId })).toMatchObject({
    status: 503,
    body: { code: 'ORDER_NUMBER_UNAVAILABLE' },
  });
  expect(draws).toEqual([]);
  expect((await api.client({ organizationId }).orders()).items).toHaveLength(1);
});

test('two orders at once with the same drawn number get different ones', async () => {
  const organizationId = randomUUID();
  draws.push(7, 7, 8);
  const created = await Promise.all([create({ organizationId }), create({ organizationId })]);
  expect(created.map(({ body }) => body.number).toSorted()).toEqual([
    'CW-7777-7777',
    'CW-8888-8888',
  ]);
});
