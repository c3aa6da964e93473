import { CaseCommandMessage } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { commandTrial } from './command-trial.ts';

const target = {
  organizationId: '4f1e9f2e-7d59-4d7e-9f10-0a2b6c0e8a11',
  completed: '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a69',
  canceled: '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10',
};
const trials = (seed: number) =>
  Array.from({ length: 300 }, (_, i) => commandTrial(seed, i, target));

function isCommand(value: string | Buffer | null): boolean {
  try {
    return CaseCommandMessage.safeParse(JSON.parse(String(value))).success;
  } catch {
    return false;
  }
}

test('a record is expected as a dead letter exactly if it is no command', () => {
  for (const { what, record, expected } of trials(1))
    expect([what, isCommand(record.value)]).toEqual([what, expected === 'refusal']);
});

test('a seed gives the same records, another seed others', () => {
  expect(trials(2)).toEqual(trials(2));
  const ids = new Set(trials(2).map(({ id }) => id));
  expect(trials(3).some(({ id }) => ids.has(id))).toBe(false);
});

test('every base and every change is used', () => {
  const text = trials(4)
    .map(({ what }) => what)
    .join('; ');
  for (const name of ['other environment', 'unknown upload', 'deep JSON', 'no value', 'long name'])
    expect(text).toContain(name);
});
