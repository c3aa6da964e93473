import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { seededRandom } from '../random.ts';
import { LinearMatcher } from './linear-matcher.ts';
import { matchingText } from './matching-text.ts';
import { parsePattern } from './pattern-syntax.ts';

const texts = [
  '',
  'a',
  'ab',
  'aab',
  'b',
  '-',
  'a-b',
  'A1_',
  '\n',
  'é',
  '😀',
  '0123456789',
  ' a ',
  ']',
];

test.each([
  'a',
  '^a$',
  'a|b',
  '^(?:a|b)*$',
  '^a{2}b$',
  '^a{1,}$',
  '^a{0,2}b?$',
  '^[^a-c]+$',
  '[\\w-]',
  '^[\\d\\-\\]]+$',
  '^\\s.\\s$',
  '^.$',
  '^\\u{1F600}$',
  '^\\ud83d\\ude00$',
  '\\x61',
  '^$',
  '$',
  '^|b$',
  '^(a*)*$',
  '^(a?){3}b$',
  'a+?b',
  '[^]',
  '(^a|b$)',
  '\\.',
  '^\\S\\D\\W$',
])('%s finds what the language itself finds', (source) => {
  const matcher = new LinearMatcher(source);
  const native = new RegExp(source, 'u');
  for (const text of texts) expect([text, matcher.test(text)]).toEqual([text, native.test(text)]);
});

// Patterns with a small alphabet, so that random texts match sometimes.
const pattern = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '\\d', '^', '$'),
    fc.tuple(tie('pattern'), tie('pattern')).map(([x, y]) => x + y),
    fc.tuple(tie('pattern'), tie('pattern')).map(([x, y]) => `(?:${x}|${y})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,}', '*?'))
      .map(([x, times]) => `(${x})${times}`),
  ),
})).pattern;

test('every pattern gives the same result as RegExp', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', '\n', '😀'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, fc.array(text, { maxLength: 20 }), (source, some) => {
      const matcher = new LinearMatcher(source);
      const native = new RegExp(source, 'u');
      for (const one of some) expect(matcher.test(one)).toBe(native.test(one));
    }),
    { numRuns: 500, seed: 7 },
  );
});

test('a pattern with more steps than the cache gives the same result', () => {
  const source = '^(?:a|b)*a(?:a|b){10}$';
  const matcher = new LinearMatcher(source);
  const random = seededRandom(3);
  const found = Array.from({ length: 100 }, () => {
    const text = Array.from({ length: 200 }, () => (random() < 0.5 ? 'a' : 'b')).join('');
    expect(matcher.test(text)).toBe(new RegExp(source, 'u').test(text));
    return matcher.test(text);
  });
  expect(new Set(found)).toEqual(new Set([true, false]));
});

test.each(['^(a+)+$', '^(a|a)*b$', '^a*a*a*a*a*b$', '(x+x+)+y', '^(?:a?){50}a{50}$'])(
  '%s, on which RegExp backtracks for ages, is matched in linear time',
  (source) => {
    const matcher = new LinearMatcher(source);
    const text = `${'a'.repeat(20_000)}!${'x'.repeat(20_000)}`;
    const started = performance.now();
    matcher.test(text);
    expect(performance.now() - started).toBeLessThan(5_000);
  },
);

test.each([
  ['(', 'is not a regular expression'],
  ['(?=a)', 'has a group other than'],
  ['(?<!a)b', 'has a group other than'],
  ['(?<name>a)', 'has a group other than'],
  ['(a)\\1', 'uses \\1'],
  ['\\p{L}', 'uses \\p'],
  ['\\bword', 'uses \\b'],
  ['a{2000}', 'repeats a part more than'],
  ['(a{100}){100}', 'has too many repetitions'],
  ['((((a{9}){9}){9}){9})', 'has too many repetitions'],
  ['a'.repeat(513), 'is longer than'],
  [`${'('.repeat(30)}a${')'.repeat(30)}`, 'is nested too deeply'],
])('%s is refused', (source, reason) => {
  expect(() => new LinearMatcher(source)).toThrow(reason);
});

test.each(['^[A-Z]{3}-\\d{4}$', '^(?:a|bc)+x?$', '^[^a-z]{2,}$'])(
  'generated texts match %s',
  (source) => {
    const random = seededRandom(1);
    for (let i = 0; i < 50; i++)
      expect(matchingText(parsePattern(source), random)).toMatch(new RegExp(source, 'u'));
  },
);
