import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
});
afterAll(() => platform.stop());

const get = async (path: string) => {
  const response = await fetch(new URL(path, platform.url));
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe.each([
  '/partner/v1',
  '/orders/v1',
  '/registry/v1',
  '/admin/v1',
  '/catalog/v1',
  '/delivery/v1',
])('the page of %s', (api) => {
  test('loads only from its own origin, and every file that it loads exists', async () => {
    const page = await get(`${api}/docs`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const loaded = [...page.text.matchAll(/<(?:link|script)\s[^>]*(?:src|href)="([^"]*)"/g)].map(
      ([, url]) => url!,
    );
    expect(loaded.length).toBeGreaterThan(2);
    for (const url of loaded) {
      const assetUrl = new URL(url, `${platform.url}${api}/docs`);
      expect(assetUrl.origin).toBe(new URL(platform.url).origin);
      const asset = await get(assetUrl.pathname);
      expect(asset.status).toBe(200);
      expect(asset.text.length).toBeGreaterThan(100);
      expect(asset.headers.get('x-content-type-options')).toBe('nosniff');
      expect(asset.headers.get('content-type')).toMatch(/^(text\/(css|javascript)|image\/png)/);
    }
    const script = await get(`${api}/docs/start.js`);
    expect(script.text).toContain(`"${api}/openapi.json"`);
  });

  test('runs only scripts of its own origin', async () => {
    const { text, headers } = await get(`${api}/docs`);
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|javascript:/i);
    const policy = Object.fromEntries(
      headers
        .get('content-security-policy')!
        .split('; ')
        .map((directive) => {
          const [name, ...sources] = directive.split(' ');
          return [name, sources.join(' ')];
        }),
    );
    expect(policy).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('serves no other file', async () => {
    for (const file of ['package.json', 'index.html', 'swagger-ui.js.map'])
      expect((await get(`${api}/docs/${file}`)).status).toBe(404);
    // The gateway refuses a path that leaves its folder.
    expect((await get(`${api}/docs/..%2fpackage.json`)).status).toBe(400);
  });
});

test('every service lists its pages', () => {
  expect(platform.services.delivery.pages).toEqual([
    { path: '/delivery/v1/docs', title: 'Casewire Delivery' },
    { path: '/delivery/v1/openapi.json', title: 'Casewire Delivery: OpenAPI document' },
  ]);
});
