import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, test, vi } from 'vitest';

import { startMetrics, type MetricsOptions } from './metrics.ts';

const failures: unknown[] = [];
const options = (over: Partial<MetricsOptions> = {}): MetricsOptions => ({
  scraped: true,
  env: {},
  onFailure: (error) => failures.push(error),
  ...over,
});
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  failures.splice(0);
});

const lines = (text: string) => text.split('\n').filter((line) => line && !line.startsWith('#'));

test('names have their unit and their kind, and series have their own labels only', async () => {
  const { meter, scrape, enabled } = startMetrics('parcels', options());
  expect(enabled).toBe(true);
  meter.createCounter('parcels.sent', { unit: '{parcel}' }).add(2, { result: 'lost' });
  const advice = { explicitBucketBoundaries: [0.5, 1] };
  meter.createHistogram('parcels.weighing', { unit: 's', advice }).record(0.7);
  meter.createGauge('parcels.waiting', { description: 'on the belt' }).record(3);
  const text = await scrape();
  expect(lines(text)).toEqual([
    'parcels_sent_total{result="lost"} 2',
    'parcels_weighing_seconds_count 1',
    'parcels_weighing_seconds_sum 0.7',
    'parcels_weighing_seconds_bucket{le="0.5"} 0',
    'parcels_weighing_seconds_bucket{le="1"} 1',
    'parcels_weighing_seconds_bucket{le="+Inf"} 1',
    'parcels_waiting 3',
  ]);
  expect(text).toContain('# HELP parcels_waiting on the belt\n');
  expect(text).toContain('# TYPE parcels_weighing_seconds histogram\n');
});

test('a series that a callback no longer reports ends', async () => {
  const { meter, scrape } = startMetrics('parcels', options());
  let belts = [1, 2];
  meter.createObservableGauge('belt').addCallback((result) => {
    for (const belt of belts) result.observe(belt * 10, { belt });
  });
  expect(lines(await scrape())).toEqual(['belt{belt="1"} 10', 'belt{belt="2"} 20']);
  belts = [2];
  expect(lines(await scrape())).toEqual(['belt{belt="2"} 20']);
});

test('more series than the default limit of OpenTelemetry are all there', async () => {
  const { meter, scrape } = startMetrics('parcels', options());
  meter.createObservableGauge('belt').addCallback((result) => {
    for (let belt = 0; belt < 5_000; belt++) result.observe(1, { belt });
  });
  expect(lines(await scrape())).toHaveLength(5_000);
});

test('a callback that fails is reported, and the other values are there', async () => {
  const { meter, scrape } = startMetrics('parcels', options());
  meter.createObservableGauge('broken').addCallback(() => {
    throw new Error('the scales are broken');
  });
  meter.createObservableGauge('fine').addCallback((result) => result.observe(1));
  expect(lines(await scrape())).toEqual(['fine 1']);
  expect(failures.map(String)).toEqual(['Error: the scales are broken']);
});

test('services of one process do not mix their values', async () => {
  const [one, other] = [startMetrics('one', options()), startMetrics('other', options())];
  one.meter.createCounter('work').add(1);
  other.meter.createCounter('work').add(5);
  expect(lines(await one.scrape())).toEqual(['work_total 1']);
  expect(lines(await other.scrape())).toEqual(['work_total 5']);
});

test('without a reader instruments do nothing', async () => {
  const { meter, enabled, scrape, stop } = startMetrics('parcels', options({ scraped: false }));
  expect(enabled).toBe(false);
  const callback = vi.fn<() => void>();
  meter.createObservableGauge('belt').addCallback(callback);
  meter.createCounter('work').add(1);
  expect(await scrape()).toBe('');
  await stop();
  expect(callback).not.toHaveBeenCalled();
});

/** A collector that keeps the bodies of POST /v1/metrics (OTLP/HTTP), and answers them if it is asked to. */
async function collector(answers: boolean) {
  const bodies: Buffer[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url === '/v1/metrics') bodies.push(Buffer.concat(chunks));
    if (answers) response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // The exporter reads it from the process.
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
  cleanups.push(() => vi.unstubAllEnvs());
  return { bodies, env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } };
}

test('the last values are exported over OTLP at the stop, under the name of the service', async () => {
  const { bodies, env } = await collector(true);
  const { meter, stop, enabled } = startMetrics('parcels', options({ scraped: false, env }));
  expect(enabled).toBe(true);
  meter.createCounter('parcels.sent', { unit: '{parcel}' }).add(1, { result: 'lost' });
  await stop();
  expect(bodies).toHaveLength(1);
  // Protobuf keeps a text as its UTF-8 bytes.
  for (const text of ['parcels.sent', '{parcel}', 'lost', 'service.name', 'parcels'])
    expect(bodies[0]!.includes(text)).toBe(true);
});

test('a collector that does not answer delays the stop only for the given time', async () => {
  const { bodies, env } = await collector(false);
  const { meter, stop } = startMetrics('parcels', options({ env }));
  meter.createCounter('parcels.sent').add(1);
  const startedAt = performance.now();
  await stop(200);
  expect(bodies).toHaveLength(1);
  // The exporter itself waits for 10 s.
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});
