import 'reflect-metadata';
import { join } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { startService } from '@casewire/service';
import { TraceCollector } from '@casewire/telemetry/testing';
import { testFolder } from '@casewire/testing';
import { expect, onTestFinished, test, vi } from 'vitest';

import { StageConfig, stageService } from './stage-service.ts';

const folder = testFolder('start-stage');

test('a stage that stops exports its last spans', async () => {
  const collector = await new TraceCollector().start();
  onTestFinished(() => collector.stop());
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.endpoint);
  onTestFinished(() => void vi.unstubAllEnvs());
  const kafka = new EmbeddedKafka({ directory: join(folder, 'kafka') });
  await kafka.start();
  onTestFinished(() => kafka.stop());
  const env = {
    ...process.env,
    KAFKA_BROKERS: kafka.brokers,
    BLOB_FOLDER: join(folder, 'blobs'),
    LOG_LEVEL: 'error',
  };
  const service = stageService('classification', StageConfig, () => ({ controllers: [] }));
  const stage = await startService(service, env);
  await fetch(`${stage.url}/healthz`);
  await stage.stop();
  expect(collector.hasSpan('GET /healthz')).toBe(true);
});
