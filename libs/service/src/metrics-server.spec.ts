import { createLogger } from '@casewire/telemetry';
import { afterEach, expect, test } from 'vitest';

import { ConfigInvalid } from './config.ts';
import { startMetricsServer, type MetricsServer } from './metrics-server.ts';

const running: MetricsServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function serve(scrape = async () => 'up 1\n', port = 0): Promise<MetricsServer> {
  const logger = createLogger('test', 'silent');
  const server = await startMetricsServer({ port, host: '127.0.0.1', scrape, logger });
  running.push(server);
  return server;
}

test('GET and HEAD are answered in the text format of Prometheus', async () => {
  const { url } = await serve();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const response = await fetch(url);
  expect([response.status, await response.text()]).toEqual([200, 'up 1\n']);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect((await fetch(`${url}?x=1`)).status).toBe(200);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('every other path and method is refused', async () => {
  const { url } = await serve();
  for (const path of ['/', '/metrics/', '/metricsx', '/healthz'])
    expect((await fetch(new URL(path, url))).status).toBe(404);
  const posted = await fetch(url, { method: 'POST', body: 'x' });
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('a scrape that fails is 500, without the reason, and the next one works', async () => {
  let fails = true;
  const { url } = await serve(async () => {
    if (fails) throw new Error('a secret');
    return 'up 1\n';
  });
  const response = await fetch(url);
  expect([response.status, await response.text()]).toEqual([500, 'the metrics cannot be read\n']);
  fails = false;
  expect((await fetch(url)).status).toBe(200);
});

test('a port that is in use is refused by the name of its variable', async () => {
  const { url } = await serve();
  const port = Number(new URL(url).port);
  const second = serve(undefined, port);
  await expect(second).rejects.toThrow(ConfigInvalid);
  await expect(second).rejects.toThrow(`METRICS_PORT: port ${port} cannot be listened on`);
});

test('after the stop nothing listens', async () => {
  const { url, stop } = await serve();
  await stop();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  running.splice(0);
});
