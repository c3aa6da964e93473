import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { testFolder } from '@casewire/testing';
import { expect, test } from 'vitest';

import defaultRules from './default-rules.json' with { type: 'json' };
import { readRuleSet } from './read-rule-set.ts';

const folder = testFolder('rule-set');
const file = join(folder, 'rules.json');

async function read(content: string | object) {
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readRuleSet(file);
}

test('without a file the rules of this version apply', async () => {
  expect(await readRuleSet()).toEqual(defaultRules);
});

test('a file replaces them', async () => {
  const rules = { ...defaultRules, version: 'ours-7', rules: [] };
  expect(await read(rules)).toEqual(rules);
});

const rule = { verdict: 'review', reason: 'odd', when: { failed: ['extraction'] } };
const withRule = (changes: object) => ({ ...defaultRules, rules: [{ ...rule, ...changes }] });

test.each<[string, string | object, string]>([
  ['is not JSON', '{"version":', 'cannot be read'],
  ['has no version', { ...defaultRules, version: undefined }, 'version: '],
  ['has an unknown field', { ...defaultRules, colour: 'red' }, 'colour'],
  ['has a rule that verifies', withRule({ verdict: 'verified' }), 'rules.0.verdict: '],
  ['has a rule without a condition', withRule({ when: {} }), 'rules.0.when: must have at least'],
  ['has a rule for an unknown stage', withRule({ when: { failed: ['magic'] } }), 'rules.0.when.'],
  ['has a reason of words', withRule({ reason: 'It is odd' }), 'rules.0.reason: must be a name'],
  ['has no priority for a cause', { ...defaultRules, reviews: {} }, 'reviews.low_confidence: '],
  ['has no time for a priority', { ...defaultRules, reviewHours: {} }, 'reviewHours.low: '],
  [
    'has a confidence above 1',
    { ...defaultRules, minimumClassificationConfidence: 2 },
    'minimumClassificationConfidence: ',
  ],
])('a file that %s is refused, naming the file and the field', async (_, content, named) => {
  const error = await read(content).catch((caught: Error) => caught);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  expect((error as Error).message).toContain(file);
  expect((error as Error).message).toContain(named);
});

test('a file that does not exist is refused by its name', async () => {
  const missing = join(folder, 'none.json');
  await expect(readRuleSet(missing)).rejects.toThrow(missing);
});
