import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { prometheusName } from '@casewire/telemetry';
import { expect, test } from 'vitest';

import { bucketsSeconds, instruments, type Instrument } from './instruments.ts';

const all: Instrument[] = Object.values(instruments);

/** The rows of the table of metrics in docs/operations.md, as their cells. */
const documented = () =>
  readFileSync(join(import.meta.dirname, '../../../../docs/operations.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| `(?:casewire_delivery|db_client|nodejs)_/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test('docs/operations.md has every instrument as it is, and no other', () => {
  expect(documented()).toEqual(
    all.map(({ name, kind, unit, labels, description }) => [
      `\`${prometheusName(name, unit, kind === 'counter')}\``,
      kind,
      labels.map((label) => `\`${label.replaceAll('.', '_')}\``).join(', '),
      description,
    ]),
  );
});

test('every instrument has a unit, a description, and a name that no other one has', () => {
  for (const { unit, description } of all) {
    expect(unit).toMatch(/^(?:s|\{[a-z]+\})$/);
    expect(description.length).toBeGreaterThan(10);
  }
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

test('buckets lead from a millisecond to a minute, each at most three times the one before', () => {
  expect([bucketsSeconds[0], bucketsSeconds.at(-1)]).toEqual([0.001, 60]);
  for (const [index, limit] of bucketsSeconds.slice(1).entries()) {
    const ratio = limit / bucketsSeconds[index]!;
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThanOrEqual(3);
  }
});
