import { between, pick, type Random } from '@casewire/samples';

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** Values of records that are not JSON, or not that of an object. */
const noJson: Record<string, (random: Random) => Buffer | string | null> = {
  'no value': () => null,
  'an empty value': () => '',
  'deep JSON': () => deep(100_000),
  'JSON that is cut off': () => '{"type":"CancelCase"',
  'random bytes': (random) =>
    Buffer.from(Array.from({ length: between(random, 1, 500) }, () => between(random, 0, 255))),
  'a large value': (random) => 'x'.repeat(between(random, 100_000, 900_000)),
};

/** A value of a record that is not JSON, or not that of an object, and what it is. */
export function hostileValue(random: Random): { what: string; value: Buffer | string | null } {
  const what = pick(random, Object.keys(noJson));
  return { what, value: noJson[what]!(random) };
}
