import 'reflect-metadata';
import { ForensicsResult } from '@casewire/contracts';
import { generate } from '@casewire/samples';
import { StageTrial } from '@casewire/stage-runtime/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { start } from './service.ts';

let trial: StageTrial;
beforeAll(async () => {
  trial = await StageTrial.start('forensics', start);
});
afterAll(() => trial.stop());

test('a genuine document passes', async () => {
  const { result, stageResult } = await trial.run(await generate('bank_statement', { seed: 221 }));
  expect(ForensicsResult.parse(result)).toMatchObject({ verdict: 'pass', findings: [] });
  expect(stageResult).toMatchObject({
    facts: {
      stage: 'forensics',
      verdict: 'pass',
      findings: [],
      passedChecks: expect.arrayContaining(['IBAN_INVALID', 'BALANCE_MISMATCH', 'TEXT_OVERLAY']),
    },
  });
  // A statement has no zone, and a text layer has no pixels.
  for (const code of ['ZONE_NOT_SOUND', 'COPY_MOVE'])
    expect(JSON.stringify(stageResult)).not.toContain(code);
});

test('the images of findings are stored before the result is published', async () => {
  const { result, stageResult } = await trial.run(
    await generate('bank_statement_overlay', { seed: 222 }),
  );
  const { verdict, findings } = ForensicsResult.parse(result);
  expect(verdict).toBe('fail');
  expect(stageResult).toMatchObject({
    facts: {
      verdict: 'fail',
      findings: expect.arrayContaining([
        { code: 'TEXT_OVERLAY', severity: 'high', confidence: expect.any(Number) as number },
      ]),
      passedChecks: expect.not.arrayContaining(['TEXT_OVERLAY']),
    },
  });
  const image = findings.find(({ code }) => code === 'TEXT_OVERLAY')!.image!;
  const { format, width } = await sharp(await trial.blobs.read(image)).metadata();
  expect(format).toBe('png');
  expect(width).toBeGreaterThan(50);
});
