import { documentTypes } from '@casewire/reading';
import { expect, test } from 'vitest';

import { readRuleSet } from './read-rule-set.ts';
import type { RuleSet } from './rule-set.ts';

/** Required fields that extraction does not look for: a document of their type would never be verified. */
const unknownFields = ({ requiredFields }: Pick<RuleSet, 'requiredFields'>) =>
  documentTypes.flatMap(([type, { fields }]) => {
    const names = new Set(fields.map(({ name }) => name));
    return (requiredFields[type] ?? []).filter((name) => !names.has(name));
  });

test('the default rules require fields that extraction looks for, for every known type', async () => {
  const rules = await readRuleSet();
  expect(Object.keys(rules.requiredFields).toSorted()).toEqual(
    documentTypes.map(([type]) => type).toSorted(),
  );
  expect(unknownFields(rules)).toEqual([]);
});

test('a required field that extraction does not look for is found', () => {
  expect(unknownFields({ requiredFields: { passport: ['surname', 'last_name'] } })).toEqual([
    'last_name',
  ]);
});
