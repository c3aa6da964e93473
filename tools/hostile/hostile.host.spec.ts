import { expect, test } from 'vitest';

import { hostileFiles } from './generate.ts';
import { tableOf, violationsOf } from './report.ts';
import { runTrials } from './run-trials.ts';

const seed = Number(process.env.HOSTILE_SEED ?? 1);
const count = 200;

test(`${count} hostile files (seed ${seed}) are refused or completed, and no process ends or grows without limit`, async () => {
  const trials = await runTrials(hostileFiles(count, seed));
  process.stdout.write(`${tableOf(trials)}\n`);
  expect(violationsOf(trials)).toEqual([]);
  expect(trials.trials).toHaveLength(count);
  // Many are accepted and many are refused: a platform that refuses or accepts everything would prove nothing.
  const accepted = trials.trials.filter(({ caseId }) => caseId !== null).length;
  expect(accepted).toBeGreaterThan(count / 10);
  expect(count - accepted).toBeGreaterThan(count / 4);
}, 1_800_000);
