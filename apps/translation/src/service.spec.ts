import 'reflect-metadata';
import { TranslationResult } from '@casewire/contracts';
import { generate } from '@casewire/samples';
import { StageTrial } from '@casewire/stage-runtime/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { start } from './service.ts';

let trial: StageTrial;
beforeAll(async () => {
  trial = await StageTrial.start('translation', start);
});
afterAll(() => trial.stop());

test('a certificate is translated', async () => {
  const { result } = await trial.run(await generate('birth_certificate', { seed: 231 }));
  expect(TranslationResult.parse(result)).toMatchObject({ engine: 'glossary', unchanged: false });
});

test('what the glossary does not cover is a failure with a code', async () => {
  const { outcome } = await trial.run(await generate('legal_text', { seed: 232 }));
  expect(outcome).toMatchObject({
    status: 'failed',
    failure: { code: 'TRANSLATION_COVERAGE_BELOW_THRESHOLD' },
  });
});

test('what is in the target language already is complete as it is', async () => {
  const { result } = await trial.run(await generate('letter', { seed: 233 }));
  expect(TranslationResult.parse(result)).toMatchObject({ unchanged: true, coverage: 1 });
});

test('a threshold that is none is refused by its name', async () => {
  const env = { KAFKA_BROKERS: 'here:1', BLOB_FOLDER: '/tmp', TRANSLATION_THRESHOLD: '80' };
  await expect(start(env)).rejects.toThrow('TRANSLATION_THRESHOLD');
});
