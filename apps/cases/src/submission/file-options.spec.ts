import type { Feature } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { checkProvisioned, optionsPerFile } from './file-options.ts';

const all: Feature[] = ['extraction', 'forensics', 'translation'];
const withoutType: Feature[] = ['extraction', 'translation'];
const fieldOf = (field: string) =>
  expect.objectContaining({ errors: [expect.objectContaining({ field })] });

test.each<[boolean | boolean[], Feature[], Feature[]]>([
  [true, all, all],
  [[true, true], all, all],
  [false, withoutType, withoutType],
  [[true, false], all, withoutType],
])('with classify %j and no features, each file gets all that are possible', (classify, a, b) => {
  expect(optionsPerFile({ classify }, 2).map(({ features }) => features)).toEqual([a, b]);
});

test('features are given for all files, or per file', () => {
  expect(optionsPerFile({ classify: true, features: ['extraction'] }, 2)).toEqual([
    { classify: true, features: ['extraction'] },
    { classify: true, features: ['extraction'] },
  ]);
  expect(optionsPerFile({ classify: [true, false], features: [['forensics'], []] }, 2)).toEqual([
    { classify: true, features: ['forensics'] },
    { classify: false, features: [] },
  ]);
});

test('a feature that is given twice is requested once', () => {
  const features: Feature[] = ['extraction', 'extraction'];
  expect(optionsPerFile({ classify: true, features }, 1)[0]!.features).toEqual(['extraction']);
});

test('TE-33 classify is one value for all files, or one per file', () => {
  const features: Feature[] = ['extraction'];
  const classified = (classify: boolean | boolean[]) =>
    optionsPerFile({ classify, features }, 2).map((file) => file.classify);
  expect(classified(true)).toEqual([true, true]);
  expect(classified([false, true])).toEqual([false, true]);
});

test('lists that are not one per file are refused', () => {
  const features: Feature[] = ['extraction'];
  expect(() => optionsPerFile({ classify: [false], features }, 2)).toThrow(fieldOf('classify'));
  expect(() => optionsPerFile({ classify: true, features: [features] }, 2)).toThrow(
    fieldOf('features'),
  );
});

test.each<[boolean | boolean[], Feature[] | Feature[][], string]>([
  [false, ['forensics'], 'classify'],
  [[true, false], ['forensics'], 'classify.1'],
  [[false, true], [['extraction', 'forensics'], []], 'classify.0'],
])('part of TE-L3: classify %j with %j is refused', (classify, features, field) => {
  expect(() => optionsPerFile({ classify, features }, 2)).toThrow(
    expect.objectContaining({ status: 422, code: 'FORENSICS_NEEDS_CLASSIFICATION' }),
  );
  expect(() => optionsPerFile({ classify, features }, 2)).toThrow(fieldOf(field));
});

test.each<[Feature[] | Feature[][] | undefined, string[]]>([
  [['extraction', 'translation'], ['features.1']],
  [[['extraction'], ['extraction', 'translation']], ['features.1.1']],
  [undefined, ['features', 'features']],
])('part of TE-L3: %j for an organization with extraction alone', (features, fields) => {
  const given = { classify: true, ...(features && { features }) };
  expect(() => checkProvisioned(given, ['extraction'])).toThrow(
    expect.objectContaining({
      status: 403,
      code: 'FEATURE_NOT_PROVISIONED',
      message: expect.stringContaining('translation'),
      errors: fields.map((field) => expect.objectContaining({ field })),
    }),
  );
});

test('without classification, the default has no feature that needs it', () => {
  expect(() => checkProvisioned({ classify: false }, withoutType)).not.toThrow();
  expect(() => checkProvisioned({ classify: [false, true] }, withoutType)).toThrow(/forensics/);
});
