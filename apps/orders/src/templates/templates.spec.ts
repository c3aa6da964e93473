import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import type { OrderTemplate } from '@casewire/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { StartedOrderApi } from '../../test/started-order-api.ts';

let api: StartedOrderApi;
beforeAll(async () => (api = await StartedOrderApi.start()));
afterAll(() => api.stop());

const content = {
  title: 'Tax',
  verifications: [
    { name: 'tax', method: 'documents' as const, documentTypes: ['invoice' as const] },
  ],
};
const templateId = () => `tax-${randomUUID()}`;
const tenant = () => api.client({ organizationId: randomUUID() });

test('a new template is version 1, with the defaults of its fields', async () => {
  const client = tenant();
  const created = await client.createTemplate({ id: 'tax', ...content });
  expect(created).toEqual({
    id: 'tax',
    version: 1,
    title: 'Tax',
    verifications: [
      { ...content.verifications[0], features: ['extraction', 'forensics'], approval: 'none' },
    ],
  });
  expect(await client.template('tax')).toEqual(created);
});

test('a second template with the same id is refused, and the first one stays', async () => {
  const client = api.client();
  const id = templateId();
  await client.createTemplate({ id, ...content });
  const refused = await api.send('POST templates', { body: { id, ...content, title: 'Other' } });
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'TEMPLATE_EXISTS', errors: [{ field: 'id' }] },
  });
  expect(await client.template(id)).toMatchObject({ version: 1, title: 'Tax' });
});

test('a version is added to a template, and earlier ones can be read', async () => {
  const client = api.client();
  const id = templateId();
  await client.createTemplate({ id, ...content });
  const second = await client.addTemplateVersion(id, { ...content, title: 'Tax, again' });
  expect(second).toMatchObject({ id, version: 2, title: 'Tax, again' });
  expect(await client.template(id)).toEqual(second);
  expect(await client.template(id, 1)).toMatchObject({ version: 1, title: 'Tax' });
  expect(await api.send(`GET templates/${id}?version=3`)).toMatchObject({ status: 404 });
});

test('versions that are added at the same time are all kept, with different numbers', async () => {
  const client = api.client();
  const id = templateId();
  await client.createTemplate({ id, ...content });
  const titles = Array.from({ length: 8 }, (_, n) => `title ${n}`);
  const added = await Promise.all(
    titles.map((title) => client.addTemplateVersion(id, { ...content, title })),
  );
  expect(added.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([
    2, 3, 4, 5, 6, 7, 8, 9,
  ]);
  for (const one of added) expect(await client.template(id, one.version)).toEqual(one);
});

test('of two templates that are created at the same time with one id, one is refused', async () => {
  const id = templateId();
  const created = await Promise.all(
    ['a', 'b'].map((title) => api.send('POST templates', { body: { id, ...content, title } })),
  );
  expect(created.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
});

test('a request with the same Idempotency-Key adds one version', async () => {
  const client = api.client();
  const id = templateId();
  const first = await client.createTemplate({ id, ...content }, 'create-once');
  expect(await client.createTemplate({ id, ...content }, 'create-once')).toEqual(first);
  const second = await client.addTemplateVersion(id, content, 'add-once');
  expect(await client.addTemplateVersion(id, content, 'add-once')).toEqual(second);
  expect(await client.template(id)).toEqual(second);
});

test.each([1, 2, 3, 4, 5, 100])(
  'the list has the latest version of each template once, those of the platform first, with pages of %i',
  async (limit) => {
    const client = tenant();
    for (const id of ['b', 'a', 'c']) await client.createTemplate({ id, ...content });
    await client.addTemplateVersion('b', { ...content, title: 'Again' });
    const found: OrderTemplate[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await client.templates({ limit, ...(cursor !== undefined && { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      found.push(...page.items);
      cursor = page.next ?? undefined;
      more = cursor !== undefined;
    }
    expect(found.map(({ id, version }) => `${id}@${version}`)).toEqual([
      'casewire.identity-instant@1',
      'casewire.income@1',
      'casewire.income-and-assets@1',
      'casewire.income-outreach@1',
      'a@1',
      'b@2',
      'c@1',
    ]);
  },
);

test('a template belongs to one organization and environment', async () => {
  const id = templateId();
  await api.client().createTemplate({ id, ...content });
  for (const key of [
    api.key({ organizationId: randomUUID() }),
    api.key({ environment: 'production' }),
  ]) {
    expect(await api.send(`GET templates/${id}`, { key })).toMatchObject({ status: 404 });
    const added = await api.send(`POST templates/${id}/versions`, { key, body: content });
    expect(added).toMatchObject({ status: 404 });
    const listed = await api.send('GET templates?limit=100', { key });
    expect(JSON.stringify(listed.body)).not.toContain(id);
  }
});

test('a template of the platform gets no versions by the API', async () => {
  const refused = await api.send('POST templates/casewire.income/versions', { body: content });
  expect(refused).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'id', rule: expect.stringContaining('must not begin with') }] },
  });
});
