import { expect, test } from 'vitest';

import { findingWeights } from './verdict-rules.data.ts';
import { verdictOn } from './verdict.ts';

const found = (...codes: string[]) => verdictOn(codes.map((code) => ({ code, confidence: 0.95 })));

test('nothing found passes', () => {
  expect(found()).toBe('pass');
});

const weights = Object.entries(findingWeights);

test.each(weights)('a finding alone, %s, does not fail a document', (code) => {
  expect(found(code)).not.toBe('fail');
});

test.each(weights.filter(([, { weight }]) => weight < 0.35))(
  'a weak sign alone, %s, does not even ask for a review',
  (code) => {
    expect(found(code)).toBe('pass');
  },
);

test('many weak signs of one kind are still one', () => {
  expect(found('DOUBLE_COMPRESSION', 'TRAILING_DATA', 'DATES_INCONSISTENT', 'ACTIVE_CONTENT')).toBe(
    'pass',
  );
});

test('strong evidence of one kind is for a person to look at', () => {
  expect(found('COPY_MOVE', 'COPY_MOVE', 'NOISE_INCONSISTENT')).toBe('review');
  expect(found('TEXT_OVERLAY', 'STRAY_FONT')).toBe('review');
});

test('strong evidence of two kinds fails', () => {
  expect(found('TEXT_OVERLAY', 'BALANCE_MISMATCH')).toBe('fail');
  expect(found('TEXT_REVISED', 'PAY_SUM_MISMATCH')).toBe('fail');
});

test('little confidence weighs little', () => {
  expect(verdictOn([{ code: 'BALANCE_MISMATCH', confidence: 0.4 }])).toBe('pass');
});

test('a finding without a weight is a mistake of ours', () => {
  expect(() => found('SOMETHING_NEW')).toThrow('SOMETHING_NEW');
});
