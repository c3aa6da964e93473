import { expect, test } from 'vitest';

import { hostileFiles } from './generate.ts';
import { tableOf, violationsOf } from './report.ts';
import { runTrials } from './run-trials.ts';

const seed = Number(process.env.HOSTILE_SEED ?? 1);
const count = 200;

test(`${count} hostile files (seed ${seed}) are refused or come to their end, and no process ends or grows without bound`, async () => {
  const trials = await runTrials(hostileFiles(count, seed));
  process.stdout.write(`${tableOf(trials)}\n`);
  expect(violationsOf(trials)).toEqual([]);
  expect(trials.trials).toHaveLength(count);
  // Both ways are gone by many: a platform that refuses everything, or takes everything, would prove nothing.
  const accepted = trials.trials.filter(({ caseId }) => caseId !== null).length;
  expect(accepted).toBeGreaterThan(count / 10);
  expect(count - accepted).toBeGreaterThan(count / 4);
}, 1_800_000);
