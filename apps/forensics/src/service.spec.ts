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
  const { result } = await trial.run(await generate('bank_statement', { seed: 221 }));
  expect(ForensicsResult.parse(result)).toMatchObject({ verdict: 'pass', findings: [] });
});

test('the images of findings are stored before the result is published', async () => {
  const { result } = await trial.run(await generate('bank_statement_overlay', { seed: 222 }));
  const { verdict, findings } = ForensicsResult.parse(result);
  expect(verdict).toBe('fail');
  const image = findings.find(({ code }) => code === 'TEXT_OVERLAY')!.image!;
  const { format, width } = await sharp(await trial.blobs.read(image)).metadata();
  expect(format).toBe('png');
  expect(width).toBeGreaterThan(50);
});
