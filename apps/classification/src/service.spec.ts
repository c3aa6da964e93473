import 'reflect-metadata';
import { ClassificationResult } from '@casewire/contracts';
import { generate } from '@casewire/samples';
import { StageTrial } from '@casewire/stage-runtime/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { start } from './service.ts';

let trial: StageTrial;
beforeAll(async () => {
  trial = await StageTrial.start('classification', start);
});
afterAll(() => trial.stop());

test('a request gives a stage result whose blob is stored', async () => {
  const { stageResult, result } = await trial.run(await generate('invoice', { seed: 201 }));
  expect(stageResult).toMatchObject({
    stage: 'classification',
    status: 'completed',
    documentType: 'invoice',
    starts: 1,
    facts: {
      stage: 'classification',
      confidence: ClassificationResult.parse(result).confidence,
    },
  });
  expect(ClassificationResult.parse(result)).toMatchObject({
    documentType: 'invoice',
    language: 'en',
  });
});

test('a request that is delivered twice has one result', async () => {
  const request = await trial.request(await generate('letter', { seed: 202 }));
  const first = await trial.deliver(request);
  expect(await trial.deliver(request)).toEqual(first);
});

test('a damaged document fails with a code', async () => {
  const sample = await generate('letter', { seed: 203 });
  const { stageResult } = await trial.run({ ...sample, bytes: Buffer.from('%PDF-1.7 nothing') });
  expect(stageResult).toMatchObject({ status: 'failed', failure: { code: 'DOCUMENT_UNREADABLE' } });
});

test('health is reported', async () => {
  expect((await fetch(`${trial.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${trial.url}/readyz`)).status).toBe(200);
});

test.each([
  [{}, /KAFKA_BROKERS[\s\S]*BLOB_FOLDER/],
  [
    { KAFKA_BROKERS: 'here:1', BLOB_FOLDER: '/tmp', STAGE_CONCURRENCY: 'many' },
    /STAGE_CONCURRENCY/,
  ],
  [{ KAFKA_BROKERS: 'here:1', BLOB_FOLDER: '/tmp', OCR_WORKERS: '0' }, /OCR_WORKERS/],
])('a configuration that is wrong names the variable: %j', async (env, message) => {
  await expect(start(env)).rejects.toThrow(message);
});
