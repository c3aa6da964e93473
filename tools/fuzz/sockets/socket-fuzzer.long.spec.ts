import { expect, test } from 'vitest';

import { described, trial } from './socket-fuzzer.ts';

const target = {
  port: 1,
  key: 'cw_test_key',
  receiver: '127.0.0.1:2',
  document: Buffer.from('%PDF-1.7'),
  examples: [
    { operation: 'POST /partner/v1/cases/{id}/cancel', path: { id: 'a-case' } },
    { operation: 'POST /partner/v1/reviews/{id}/comments', path: { id: 'a-review' }, body: {} },
  ],
};
const trials = (seed: number) => Array.from({ length: 2_000 }, (_, i) => trial(seed, i, target));

test('a seed gives the same requests, byte by byte', () => {
  const [first, second] = [trials(7), trials(7)];
  expect(second.map(({ what }) => what)).toEqual(first.map(({ what }) => what));
  expect(first.every(({ bytes }, i) => bytes.equals(second[i]!.bytes))).toBe(true);
  expect(described(second[1_999]!)).toBe(described(first[1_999]!));
});

test('another seed gives other requests', () => {
  const [one, other] = [trials(7), trials(8)];
  const same = one.filter(({ bytes }, i) => bytes.equals(other[i]!.bytes));
  expect(same.length).toBeLessThan(one.length / 10);
});

test('requests to cases and reviews have their ids in the path', () => {
  const targets = trials(1).map(({ request }) => request.target);
  expect(targets).toContain('/partner/v1/cases/a-case/cancel');
  expect(targets).toContain('/partner/v1/reviews/a-review/comments');
});

test('every mutation is used', () => {
  const text = trials(1)
    .map(({ what }) => what)
    .join(', ');
  for (const name of [
    'trailers',
    'bad chunks',
    'an absolute URI',
    'an upgrade',
    'cut off',
    'no end',
    'thousands of parts',
    'an archive',
    'steering in a name',
  ])
    expect(text).toContain(name);
});
