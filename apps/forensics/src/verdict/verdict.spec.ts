import { expect, expectTypeOf, test } from 'vitest';

import {
  type FindingCode,
  type FindingType,
  findingTypes,
} from '../findings/finding-types.data.ts';
import { verdictOf } from './verdict.ts';

const verdictOn = (...codes: FindingCode[]) =>
  verdictOf(codes.map((code) => ({ code, confidence: 0.95 })));

test('a document without findings passes', () => {
  expect(verdictOn()).toBe('pass');
});

const weights = Object.entries(findingTypes) as [FindingCode, FindingType][];

test.each(weights)('one finding of %s does not fail a document', (code) => {
  expect(verdictOn(code)).not.toBe('fail');
});

test.each(weights.filter(([, { weight }]) => weight < 0.35))(
  'one weak finding, %s, causes no review',
  (code) => {
    expect(verdictOn(code)).toBe('pass');
  },
);

test('many weak findings of one kind count as one', () => {
  expect(
    verdictOn('DOUBLE_COMPRESSION', 'TRAILING_DATA', 'DATES_INCONSISTENT', 'ACTIVE_CONTENT'),
  ).toBe('pass');
});

test('strong evidence of one kind causes a review', () => {
  expect(verdictOn('COPY_MOVE', 'COPY_MOVE', 'NOISE_INCONSISTENT')).toBe('review');
  expect(verdictOn('TEXT_OVERLAY', 'STRAY_FONT')).toBe('review');
});

test('strong evidence of two kinds fails a document', () => {
  expect(verdictOn('TEXT_OVERLAY', 'BALANCE_MISMATCH')).toBe('fail');
  expect(verdictOn('TEXT_REVISED', 'PAY_SUM_MISMATCH')).toBe('fail');
});

test('a finding of little confidence has little weight', () => {
  expect(verdictOf([{ code: 'BALANCE_MISMATCH', confidence: 0.4 }])).toBe('pass');
});

test('a finding without a weight or an explanation does not compile', () => {
  const complete = { severity: 'low', evidence: 'pixels', weight: 0.1, explain: () => '' } as const;
  expectTypeOf(complete).toExtend<FindingType>();
  expectTypeOf<Omit<typeof complete, 'weight'>>().not.toExtend<FindingType>();
  expectTypeOf<Omit<typeof complete, 'explain'>>().not.toExtend<FindingType>();
  expectTypeOf<'SOMETHING_NEW'>().not.toExtend<FindingCode>();
  // Where a code without an entry gets past the compiler, it is an error and no verdict.
  expect(() => verdictOn('SOMETHING_NEW' as FindingCode)).toThrow(TypeError);
});
