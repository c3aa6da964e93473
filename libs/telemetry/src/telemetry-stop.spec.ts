import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { TraceCollector } from '../test/trace-collector.ts';
import { inSpan } from './span.ts';
import { startTelemetry } from './telemetry.ts';

let collector: TraceCollector;
beforeAll(async () => {
  collector = await new TraceCollector().start();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.endpoint);
});
afterAll(() => vi.unstubAllEnvs());

const work = (name: string) => inSpan(name, {}, async () => undefined);

test('a span that ends directly before the stop is exported', async () => {
  const telemetry = startTelemetry('test');
  await work('the last work');
  expect(collector.hasSpan('the last work')).toBe(false);
  await telemetry.stop();
  expect(collector.hasSpan('the last work')).toBe(true);
});

test('of several services in one process the last one that stops exports the spans of all', async () => {
  const [first, last] = [startTelemetry('first'), startTelemetry('last')];
  await work('work of the first');
  await first.stop();
  await first.stop();
  expect(collector.hasSpan('work of the first')).toBe(false);
  await work('work of the last');
  await last.stop();
  expect(collector.hasSpan('work of the first')).toBe(true);
  expect(collector.hasSpan('work of the last')).toBe(true);
});

test('a stop waits for an export that is under way already', async () => {
  const [early, telemetry] = [startTelemetry('early'), startTelemetry('test')];
  await early.stop();
  collector.pause();
  // A full batch is exported at once.
  await Promise.all(Array.from({ length: 512 }, () => work('a span of a full batch')));
  await collector.nextRequest;
  let isStopped = false;
  const stopping = telemetry.stop().then(() => (isStopped = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  collector.resume();
  await stopping;
});

test('a stop ends in time where the collector does not answer or cannot be reached', async () => {
  const silent = startTelemetry('test');
  collector.pause();
  await work('never answered');
  const startedAt = performance.now();
  await silent.stop(200);
  await collector.stop();
  const unreachable = startTelemetry('test');
  await work('never received');
  await unreachable.stop(200);
  // The exporter itself would wait for 10 s, each time.
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});
