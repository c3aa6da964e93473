import 'reflect-metadata';
import { OrderClient } from '@casewire/client';
import { Problem, type OrderView } from '@casewire/contracts';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { invalidPages } from './invalid-values.ts';
import { TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
let database: Pool;
let order: OrderView;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
  const connectionString = platform.services.dependencies.databaseUrl('casewire_orders');
  database = new Pool({ connectionString });
  partner = await platform.partner();
  order = await new OrderClient(platform.url, partner.key).create({
    templateId: 'casewire.income',
  });
});
afterAll(async () => {
  await database?.end();
  await platform?.stop();
});

/** @returns the status of the problem, and the names of its fields */
async function problemOf(path: string, body?: object) {
  const response = await fetch(`${platform.url}/orders/v1/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-api-key': partner.key, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { errors = [] } = Problem.parse(await response.json());
  return { status: response.status, fields: errors.map(({ field }) => field) };
}

/** The domain events, templates, numbers and private data that the service stores. */
async function stored(): Promise<unknown> {
  const { rows } = await database.query(
    `select (select count(*) from domain_event) as events, (select count(*) from template) as templates,
       (select count(*) from order_number) as numbers, (select count(*) from order_private) as private,
       (select count(*) from information_private) as information`,
  );
  return rows;
}

const nul = 'a\0b';
const half = 'a\ud800';
const templateId = 'casewire.income';
const verification = { name: 'income', method: 'documents', documentTypes: ['payslip'] };
const template = { id: 'own', title: 'Income', verifications: [verification] };

test.each<[what: string, path: string, body: object, field: string]>([
  ['no template', 'orders', {}, 'templateId'],
  [
    'a version that no template has room for',
    'orders',
    { templateId, templateVersion: 97_860_143_954 },
    'templateVersion',
  ],
  ['NUL in the id of a template', 'orders', { templateId: nul }, 'templateId'],
  ['NUL in a name of a user', 'orders', { templateId, user: { name: nul } }, 'user.name'],
  [
    'half a character in an id of a user',
    'orders',
    { templateId, user: { externalId: half } },
    'user.externalId',
  ],
  [
    'an e-mail address that is none',
    'orders',
    { templateId, user: { email: 'ana@' } },
    'user.email',
  ],
  ['a user without a field', 'orders', { templateId, user: {} }, 'user'],
  [
    'NUL in a value of metadata',
    'orders',
    { templateId, metadata: { desk: nul } },
    'metadata.desk',
  ],
  [
    'half a character in the name of an employer',
    'orders',
    { templateId, verifications: [{ name: 'income', employer: { name: half } }] },
    'verifications.0.employer.name',
  ],
  ['half a correlation id', 'orders', { templateId, correlationId: half }, 'correlationId'],
  ['an unknown field', 'orders', { templateId, colour: 'red' }, 'colour'],
  ['NUL in a title', 'templates', { ...template, title: nul }, 'title'],
  ['a template of the platform', 'templates', { ...template, id: 'casewire.own' }, 'id'],
  [
    'an unknown method',
    'templates',
    { ...template, verifications: [{ ...verification, method: 'guess' }] },
    'verifications.0.method',
  ],
  [
    'NUL in information',
    'verifications/VERIFICATION/information',
    { data: { employer: nul } },
    'data.employer',
  ],
  [
    'half a character in information',
    'verifications/VERIFICATION/information',
    { data: { employer: half } },
    'data.employer',
  ],
  ['no information', 'verifications/VERIFICATION/information', { data: {} }, 'data'],
  [
    'an id that is none to refresh',
    'orders/ORDER/refresh',
    { verificationIds: ['x'] },
    'verificationIds.0',
  ],
])(
  '%s is refused with the name of the field, and nothing is stored',
  async (_, path, body, field) => {
    const before = await stored();
    const url = path.replace('VERIFICATION', order.verifications[0]!.id).replace('ORDER', order.id);
    expect(await problemOf(url, body)).toEqual({ status: 400, fields: [field] });
    expect(await stored()).toEqual(before);
  },
);

test('of the list of orders invalid pages are refused', async () => {
  for (const [query, field] of invalidPages)
    expect([query, await problemOf(`orders?${query}`)]).toEqual([
      query,
      { status: 400, fields: [field] },
    ]);
});

test.each(['7\0', 'A', ''])(
  'of the list of templates a cursor of %j, which is no id of a template, is refused',
  async (id) => {
    const cursor = Buffer.from(JSON.stringify(id)).toString('base64url');
    expect(await problemOf(`templates?cursor=${cursor}`)).toEqual({
      status: 400,
      fields: ['cursor'],
    });
  },
);

test.each([
  ['status=done', 'status'],
  ['userId=x', 'userId'],
  ['number=', 'number'],
  ['number=a%00', 'number'],
  ['from=yesterday', 'from'],
  ['templateId=A', 'templateId'],
])('the list of orders refuses %s', async (query, field) => {
  expect(await problemOf(`orders?${query}`)).toEqual({ status: 400, fields: [field] });
});
