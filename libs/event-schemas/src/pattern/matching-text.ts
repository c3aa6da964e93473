import { between, oneOf, type Random } from '../random.ts';
import { intersection, printable, type Characters } from './characters.ts';
import type { Pattern } from './pattern-syntax.ts';

/** A random text that matches the pattern; it may not match if the pattern has `^` or `$` inside. */
export function matchingText(pattern: Pattern, random: Random): string {
  switch (pattern.kind) {
    case 'characters':
      return characterOf(pattern.set, random);
    case 'start':
    case 'end':
      return '';
    case 'sequence':
      return pattern.parts.map((part) => matchingText(part, random)).join('');
    case 'choice':
      return matchingText(oneOf(random, pattern.options), random);
    case 'repeat': {
      const { part, min, max } = pattern;
      const times = between(random, min, Math.min(max, min + 5));
      return Array.from({ length: times }, () => matchingText(part, random)).join('');
    }
  }
}

function characterOf(set: Characters, random: Random): string {
  const readable = intersection(set, printable);
  const ranges = readable.length > 0 ? readable : set;
  if (ranges.length === 0) return '';
  const [first, last] = oneOf(random, ranges);
  return String.fromCodePoint(between(random, first, last));
}
