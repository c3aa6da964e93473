import { afterAll, beforeAll, expect, test } from 'vitest';

import { PlantedCopy } from './planted-copy.ts';

/** A realistic fault in each dialect: number, dialect, right code, wrong code. */
const faults = [
  ['TE-19', 'truenroll', 'data.externalId ?? null', "data.externalId ?? ''"],
  ['TW-21', 'truework', "'x-truework-token'", "'x-token'"],
  ['TG-28', 'trustgate', 'sha256=$', 'sha1=$'],
  ['TV-L1', 'truv', 'v1=$', 'v2=$'],
  ['TI-26', 'trustid', 'RetryCounter: number', 'RetryCounter: 1'],
] as const;

const copy = () =>
  new PlantedCopy(
    ['libs/webhooks', 'libs/contracts'],
    ['libs/webhooks/src/{*.dialect,trustgate-headers}.spec.ts'],
  );

let planted: Map<string, string>;
const whole = copy();
const faulty = copy();
beforeAll(async () => {
  for (const [, dialect, right, wrong] of faults)
    faulty.plant(`libs/webhooks/src/${dialect}.dialect.ts`, right, wrong);
  planted = await faulty.rows();
}, 120_000);
afterAll(() => {
  whole.remove();
  faulty.remove();
});

// Without the numbers in the names: these tests would count as proof of them.
test.each(faults.map(([number, dialect]) => ({ number, dialect })))(
  'a fault in the dialect $dialect makes the row of its requirement FAILED',
  ({ number }) => {
    expect(planted.get(number)).toContain(' FAILED ');
  },
);

test('without the faults each of these requirements is proved', async () => {
  const rows = await whole.rows();
  for (const [number] of faults) expect(rows.get(number)).toContain(' ok ');
});
