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

test('a text that the glossary does not cover fails with a code', async () => {
  const { stageResult } = await trial.run(await generate('legal_text', { seed: 232 }));
  expect(stageResult).toMatchObject({
    status: 'failed',
    failure: { code: 'TRANSLATION_COVERAGE_BELOW_THRESHOLD' },
  });
});

test('a text in the target language is complete without changes', async () => {
  const { result } = await trial.run(await generate('letter', { seed: 233 }));
  expect(TranslationResult.parse(result)).toMatchObject({ unchanged: true, coverage: 1 });
});

test('an invalid threshold is refused by its name', async () => {
  const env = { KAFKA_BROKERS: 'here:1', BLOB_FOLDER: '/tmp', TRANSLATION_THRESHOLD: '80' };
  await expect(start(env)).rejects.toThrow('TRANSLATION_THRESHOLD');
});
