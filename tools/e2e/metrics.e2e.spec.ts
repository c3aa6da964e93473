import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { EventLog } from '@casewire/event-log';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  complete,
  idOf,
  listenForCompletedCases,
  logOf,
  untilDeliveries,
} from './completed-cases.ts';
import { Reading } from './metric-samples.ts';
import { makeTeam } from './team.ts';
import { TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
let log: EventLog;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [], env: { METRICS_PORT: '0' } });
  log = logOf(platform);
});
afterAll(async () => {
  await log.close();
  await platform.stop();
});

const patience = { timeout: 20_000 };
const scrape = () => Reading.of(platform.services.delivery.metricsUrl!);
const attempts = 'casewire_delivery_attempts_total';
const inFlight = 'casewire_delivery_requests_in_flight';
const lag = 'casewire_delivery_lag';
const newCases = (count: number) => Array.from({ length: count }, () => ({ id: randomUUID() }));

test('an idle platform has its series from the start, on a port that is not that of an API', async () => {
  const reading = await scrape();
  const results = reading.named(attempts).map(({ labels, value }) => [labels.result, value]);
  expect(Object.fromEntries(results)).toEqual({
    delivered: 0,
    failed: 0,
    exhausted: 0,
    blocked: 0,
    not_sent: 0,
  });
  expect(reading.named(inFlight)).toEqual([{ name: inFlight, labels: {}, value: 0 }]);
  expect(reading.sum('db_client_connection_wait_time_seconds_count')).toBeGreaterThan(0);
  for (const url of [platform.url, platform.services.delivery.url])
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  const partitions = async () => (await scrape()).named(lag, { topic: 'events.casewire' });
  await expect
    .poll(async () => (await partitions()).map(({ value }) => value), patience)
    .toEqual(Array.from({ length: 12 }, () => 0));
});

test('values fit the deliveries, and no label names a case, a key, a destination or an organization', async () => {
  const before = await scrape();
  const { partner, listener } = await listenForCompletedCases(platform);
  const { receiver, endpoint } = listener;
  // The first request of every third event is refused.
  const seen = new Set<string>();
  receiver.respond = (request, response) => {
    const isRefused = !seen.has(idOf(request)) && seen.size % 3 === 0;
    seen.add(idOf(request));
    response.writeHead(isRefused ? 500 : 200).end();
  };
  const cases = newCases(60);
  await complete(log, partner, cases);
  await untilDeliveries(partner, 'delivered', 60);
  expect(receiver.requests).toHaveLength(80);

  const since = (reading: Reading) => {
    const grown = (name: string, labels?: Record<string, string>) =>
      reading.sum(name, labels) - before.sum(name, labels);
    return {
      delivered: grown(attempts, { result: 'delivered' }),
      failed: grown(attempts, { result: 'failed' }),
      attempts: grown(attempts),
      requests: grown('casewire_delivery_attempt_duration_seconds_count'),
      firstRequests: grown('casewire_delivery_event_to_request_duration_seconds_count'),
      inFlight: reading.sum(inFlight),
      lag: reading.sum(lag),
    };
  };
  await expect
    .poll(async () => since(await scrape()), patience)
    .toEqual({
      delivered: 60,
      failed: 20,
      attempts: 80,
      requests: 80,
      firstRequests: 60,
      inFlight: 0,
      lag: 0,
    });

  const reading = await scrape();
  const labels = reading.samples.flatMap((sample) => Object.keys(sample.labels));
  expect([...new Set(labels)].toSorted()).toEqual([
    'db_client_connection_pool_name',
    'le',
    'partition',
    'result',
    'topic',
  ]);
  const text = JSON.stringify(reading.samples);
  const confidential = [partner.organizationId, partner.key, endpoint.id, receiver.url('')]
    .concat(cases.map(({ id }) => id))
    .concat(receiver.requests.map(idOf));
  expect(confidential.filter((one) => text.includes(one))).toEqual([]);
});

test('every metric that docs/operations.md lists is there after deliveries, and no other', async () => {
  const documented = await readFile('docs/operations.md', 'utf8');
  const listed = [...documented.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)]
    .filter(([, name]) => /^(?:casewire_delivery|db_client|nodejs)_/.test(name!))
    .map(([, name, type]) => (type === 'histogram' ? `${name}_count` : name!));
  const parts = /_(?:bucket|sum)$/;
  const names = async () => {
    const { samples } = await scrape();
    const all = new Set(samples.map(({ name }) => name).filter((name) => !parts.test(name)));
    all.delete('target_info');
    return [...all].toSorted();
  };
  // The delay of the event loop has no value until it was sampled after the reading before.
  await expect.poll(names, { ...patience, interval: 200 }).toEqual(listed.toSorted());
});

test('buckets of a histogram grow up to its count, and its sum is between their limits', async () => {
  const name = 'casewire_delivery_event_to_request_duration_seconds';
  const { partner, listener } = await listenForCompletedCases(platform);
  await complete(log, partner, newCases(1));
  await listener.receiver.until((requests) => requests.length === 1);
  await untilDeliveries(partner, 'delivered', 1);
  const reading = await scrape();
  const buckets = reading.named(`${name}_bucket`);
  expect(buckets.map(({ labels }) => labels.le)).toEqual(
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, '+Inf'].map(
      String,
    ),
  );
  const counts = buckets.map(({ value }) => value);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(counts.at(-1)).toBe(reading.sum(`${name}_count`));
  expect(counts.at(-1)).toBeGreaterThan(0);
  // No event of this file waits for a minute.
  expect(counts.at(-2)).toBe(counts.at(-1));
  expect(reading.sum(`${name}_sum`)).toBeLessThan(60 * counts.at(-1)!);
});

test('the topic of a new team has its lag as soon as it is consumed', async () => {
  const slug = `metrics${randomUUID().slice(0, 8)}`;
  const topics = async () => new Set((await scrape()).named(lag).map(({ labels }) => labels.topic));
  expect(await topics()).not.toContain(`events.${slug}`);
  await makeTeam(platform, log, slug, [`${slug}.`]);
  await expect.poll(topics, patience).toContain(`events.${slug}`);
});

test('scrapes under load succeed, show requests in flight, and counters never decrease', async () => {
  const { partner, listener } = await listenForCompletedCases(platform);
  // Until the metrics were read, no request is answered.
  const arrived = Promise.withResolvers<void>();
  const wasRead = Promise.withResolvers<void>();
  listener.receiver.respond = async (_, response) => {
    arrived.resolve();
    await wasRead.promise;
    response.end();
  };
  const events = 500;
  await complete(log, partner, newCases(events));
  await arrived.promise;
  const first = await scrape();
  expect(first.sum(inFlight)).toBeGreaterThan(0);
  wasRead.resolve();
  const delivered = { result: 'delivered' };
  const counts = [first.sum(attempts, delivered)];
  while (counts.at(-1)! < counts[0]! + events)
    counts.push((await scrape()).sum(attempts, delivered));
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(counts.at(-1)).toBe(counts[0]! + events);
});
