import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import type { EventLog } from '@casewire/event-log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { pythonVenv } from '../fuzz/venv.ts';
import { complete, listenForCompletedCases, logOf, untilDeliveries } from './completed-cases.ts';
import { samplesIn } from './metric-samples.ts';
import { TestPlatform } from './test-platform.ts';

const folder = join(import.meta.dirname, 'prometheus-client');
const Families = z.array(
  z.object({
    name: z.string(),
    type: z.string(),
    help: z.string(),
    samples: z.array(z.tuple([z.string(), z.record(z.string(), z.string()), z.number()])),
  }),
);

/** The metric families in a text, as the Python client of Prometheus reads them. */
async function parsedByPrometheus(text: string): Promise<z.infer<typeof Families>> {
  const venv = await pythonVenv('prometheus-venv', join(folder, 'requirements.txt'));
  const printed = await new Promise<string>((resolve, reject) => {
    const python = execFile(
      join(venv, 'bin/python'),
      [join(folder, 'parse.py')],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    );
    python.stdin!.end(text);
  });
  return Families.parse(JSON.parse(printed));
}

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

test('the Python client of Prometheus reads the metrics of deliveries: names, types, labels and values', async () => {
  const { partner } = await listenForCompletedCases(platform);
  await complete(
    log,
    partner,
    Array.from({ length: 7 }, () => ({ id: randomUUID() })),
  );
  await untilDeliveries(partner, 'delivered', 7);
  const text = await (await fetch(platform.services.delivery.metricsUrl!)).text();
  const families = await parsedByPrometheus(text);

  expect(Object.fromEntries(families.map(({ name, type }) => [name, type]))).toMatchObject({
    casewire_delivery_lag: 'gauge',
    casewire_delivery_requests_in_flight: 'gauge',
    casewire_delivery_attempts: 'counter',
    casewire_delivery_attempt_duration_seconds: 'histogram',
    casewire_delivery_event_to_request_duration_seconds: 'histogram',
    db_client_connection_wait_time_seconds: 'histogram',
    db_client_connection_pending_requests: 'gauge',
    nodejs_eventloop_delay_p99_seconds: 'gauge',
  });
  expect(families.filter(({ help, type }) => help.length < 10 || type === 'unknown')).toEqual([]);
  const samples = families.flatMap((family) => family.samples);
  expect(samples).toContainEqual(['casewire_delivery_attempts_total', { result: 'delivered' }, 7]);
  // The other tests of metrics read them with a few lines of their own.
  expect(samplesIn(text).map(({ name, labels, value }) => [name, labels, value])).toEqual(samples);
});
