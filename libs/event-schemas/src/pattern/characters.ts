/** Code points from the first to the last, both included. */
export type Range = readonly [first: number, last: number];

/** A set of characters: ranges in ascending order, without overlaps. */
export type Characters = readonly Range[];

const lastCodePoint = 0x10ffff;

export function union(...sets: Characters[]): Characters {
  const sorted = sets.flat().toSorted(([a], [b]) => a - b);
  const merged: [number, number][] = [];
  for (const [first, last] of sorted) {
    const before = merged.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

export function complement(set: Characters): Characters {
  const gaps: Range[] = [];
  let next = 0;
  for (const [first, last] of union(set)) {
    if (first > next) gaps.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= lastCodePoint) gaps.push([next, lastCodePoint]);
  return gaps;
}

export function intersection(a: Characters, b: Characters): Characters {
  return complement(union(complement(a), complement(b)));
}

export const has = (set: Characters, codePoint: number): boolean =>
  set.some(([first, last]) => codePoint >= first && codePoint <= last);

const setOf = (...characters: string[]): Characters =>
  union(characters.map((one) => [one.codePointAt(0)!, one.codePointAt(0)!] as const));
const range = (first: string, last: string): Range => [first.codePointAt(0)!, last.codePointAt(0)!];

export const digits: Characters = [range('0', '9')];
export const wordCharacters = union(digits, [range('a', 'z'), range('A', 'Z')], setOf('_'));
const lineEnds = setOf('\n', '\r', '\u2028', '\u2029');
// ECMA-262, WhiteSpace and LineTerminator.
export const spaces = union(
  setOf('\t', '\v', '\f', ' ', '\u00a0', '\ufeff', '\u1680', '\u202f', '\u205f', '\u3000'),
  [range('\u2000', '\u200a')],
  lineEnds,
);
export const anyButLineEnds = complement(lineEnds);
export const printable: Characters = [range(' ', '~')];
