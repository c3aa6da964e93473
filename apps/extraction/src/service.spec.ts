import 'reflect-metadata';
import { ExtractionResult } from '@casewire/contracts';
import { generate } from '@casewire/samples';
import { StageTrial } from '@casewire/stage-runtime/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { start } from './service.ts';

let trial: StageTrial;
beforeAll(async () => {
  trial = await StageTrial.start('extraction', start);
});
afterAll(() => trial.stop());

test('the fields of a document are stored as its result', async () => {
  const sample = await generate('bank_statement', { seed: 211 });
  const { result } = await trial.run(sample);
  const { fields, rows } = ExtractionResult.parse(result);
  expect(Object.fromEntries(fields.map(({ name, value }) => [name, value]))).toEqual(
    sample.truth.fields,
  );
  expect(rows.length).toBeGreaterThan(10);
});

test('a document of an unknown type fails with a code', async () => {
  const { stageResult } = await trial.run(await generate('letter', { seed: 212 }));
  expect(stageResult).toMatchObject({
    status: 'failed',
    failure: { code: 'DOCUMENT_TYPE_UNKNOWN' },
  });
});
