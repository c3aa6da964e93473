import 'reflect-metadata';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
});
afterAll(() => platform.stop());

interface OpenApi {
  openapi: string;
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema?: object }> }> }>
  >;
}

test.each([
  [
    '/partner/v1',
    ['/partner/v1/cases', '/partner/v1/cases/{id}', '/partner/v1/cases/{id}/extraction'],
  ],
  ['/orders/v1', ['/orders/v1/orders', '/orders/v1/orders/{id}', '/orders/v1/templates']],
  ['/registry/v1', ['/registry/v1/endpoints', '/registry/v1/endpoints/{id}']],
  ['/admin/v1', ['/admin/v1/organizations', '/admin/v1/organizations/{id}']],
  ['/catalog/v1', ['/catalog/v1/event-types']],
  ['/delivery/v1', ['/delivery/v1/deliveries', '/delivery/v1/deliveries/{id}']],
])(
  '%s has an OpenAPI 3.1 document with its routes and their schemas, and a page that displays it',
  async (api, paths) => {
    const document = (await (await fetch(`${platform.url}${api}/openapi.json`)).json()) as OpenApi;
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(paths));
    const [first] = paths;
    const responses = Object.values(document.paths[first!]!.get!.responses);
    expect(responses[0]?.content?.['application/json']?.schema).toBeDefined();
    const page = await fetch(`${platform.url}${api}/docs`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).toContain(`${api}/openapi.json`);
  },
);

test('every service reports that it is alive and that it is ready', async () => {
  const { url } = platform.services.delivery;
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
});

test('TE-5 TE-6 TE-16 the catalog lists the event types of the audience with their schemas', async () => {
  const partner = await platform.partner();
  const { items } = await partner.client.api.call<{
    items: { name: string; audience: string; schema: object }[];
  }>('/catalog/v1/event-types');
  expect(items.map(({ name }) => name)).toContain('case.extraction.completed');
  expect(items.map(({ name }) => name)).not.toContain('case.erased');
  expect(new Set(items.map(({ audience }) => audience))).toEqual(new Set(['partner']));
  expect(items.every(({ schema }) => Object.keys(schema).length > 0)).toBe(true);
});
