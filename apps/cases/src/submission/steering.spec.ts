import { expect, test } from 'vitest';

import { steeringOf } from './steering.ts';

const none = {
  failing: [],
  delaySeconds: 0,
  verdict: null,
  review: null,
  refreshFails: false,
};

test.each([
  ['passport.classification-fails.pdf', { failing: ['classification'] }],
  ['extraction-fails.forensics-fails', { failing: ['extraction', 'forensics'] }],
  ['a.translation-fails.translation-fails.png', { failing: ['translation'] }],
  ['a.refresh-fails.pdf', { refreshFails: true }],
  ['a.slow-1.pdf', { delaySeconds: 1 }],
  ['a.slow-86400.pdf', { delaySeconds: 86_400 }],
  ['a.slow-5.slow-7.pdf', { delaySeconds: 7 }],
  ['a.verdict-verified.pdf', { verdict: 'verified' }],
  ['a.verdict-rejected.pdf', { verdict: 'rejected' }],
  ['a.verdict-review.pdf', { verdict: 'review' }],
  ['a.review-low-confidence.pdf', { review: 'low_confidence' }],
  ['a.review-fields-missing.pdf', { review: 'fields_missing' }],
  ['a.review-verdict.pdf', { review: 'verdict' }],
  [
    'passport.extraction-fails.review-unprocessable.pdf',
    { failing: ['extraction'], review: 'unprocessable' },
  ],
])('%s', (name, expected) => {
  expect(steeringOf(name, 'sandbox')).toEqual({ ...none, ...expected });
});

test.each([
  'passport.pdf',
  'extraction-fails-not.pdf',
  'slow.pdf',
  'a.slow-0.pdf',
  'a.slow-01.pdf',
  'a.slow-86401.pdf',
  'a.slow-1e3.pdf',
  'a.SLOW-5.pdf',
  'a.verdict-other.pdf',
  'a.review-low_confidence.pdf',
  '',
])('the name %j means nothing', (name) => {
  expect(steeringOf(name, 'sandbox')).toBeUndefined();
});

test('a name of a production upload is not read', () => {
  expect(steeringOf('a.extraction-fails.slow-5.pdf', 'production')).toBeUndefined();
});
