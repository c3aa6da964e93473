/** A source of numbers in [0, 1). All random values of a sample come from one source. */
export type Random = () => number;

/** Mulberry32: the same seed gives the same numbers on every machine. */
export function seeded(seed: number): Random {
  // Without this spread, adjacent seeds make similar documents.
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `from` up to and including `to`. */
export const between = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1));

export const pick = <T>(random: Random, choices: readonly T[]): T =>
  choices[Math.floor(random() * choices.length)]!;

export const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => between(random, 0, 9)).join('');

/** Cents between two amounts of whole units. */
export const cents = (random: Random, from: number, to: number): number =>
  between(random, from * 100, to * 100);

/** A day in the given range of years, at midnight UTC. */
export const day = (random: Random, fromYear: number, toYear: number): Date =>
  new Date(
    Date.UTC(between(random, fromYear, toYear), between(random, 0, 11), between(random, 1, 28)),
  );
