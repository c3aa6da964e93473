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
  const { result, stageResult } = await trial.run(sample);
  const { fields, rows, ocrConfidence } = ExtractionResult.parse(result);
  expect(Object.fromEntries(fields.map(({ name, value }) => [name, value]))).toEqual(
    sample.truth.fields,
  );
  expect(rows.length).toBeGreaterThan(10);
  expect(ocrConfidence).toBeNull();
  expect(stageResult).toMatchObject({
    facts: { stage: 'extraction', fields: Object.keys(sample.truth.fields), ocrConfidence: null },
  });
});

test('the facts of a scan have the names of its fields and the confidence of its recognition', async () => {
  const sample = await generate('payslip', { seed: 213 });
  const { result, stageResult } = await trial.run(sample);
  const { fields, ocrConfidence } = ExtractionResult.parse(result);
  expect(ocrConfidence).toBeGreaterThan(0.8);
  expect(ocrConfidence).toBeLessThanOrEqual(1);
  const names = fields.map(({ name }) => name);
  expect(names).toContain('net_pay');
  expect(stageResult).toMatchObject({ facts: { fields: names, ocrConfidence } });
  for (const value of Object.values(sample.truth.fields))
    expect(JSON.stringify(stageResult)).not.toContain(value);
});

test('a document of an unknown type fails with a code', async () => {
  const { stageResult } = await trial.run(await generate('letter', { seed: 212 }));
  expect(stageResult).toMatchObject({
    status: 'failed',
    failure: { code: 'DOCUMENT_TYPE_UNKNOWN' },
  });
});
