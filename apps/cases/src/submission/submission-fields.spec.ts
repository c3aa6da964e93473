import { expect, test } from 'vitest';

import { checkProvisioned, classifyPerFile, parseFields } from './submission-fields.ts';

test('fields are texts, or JSON if they have a structure', () => {
  expect(
    parseFields({
      externalId: 'a',
      features: '["extraction"]',
      classify: 'false',
      metadata: '{"n":1}',
    }),
  ).toMatchObject({
    externalId: 'a',
    features: ['extraction'],
    classify: false,
    metadata: { n: 1 },
  });
});

test.each([
  [{ features: '["magic"]' }, 'VALIDATION_FAILED', 'features.0'],
  [{ features: '[extraction]' }, 'MALFORMED_JSON', 'features'],
  [{ metadata: '{"a":"x\\u0000"}' }, 'VALIDATION_FAILED', 'metadata.a'],
  [{ metadata: '{"a":"\\ud800"}' }, 'VALIDATION_FAILED', 'metadata.a'],
  [{ metadata: '{"\\ud800":1}' }, 'VALIDATION_FAILED', 'metadata'],
  [{ externalId: 'a\0' }, 'VALIDATION_FAILED', 'externalId'],
  [{ correlationId: 'two words' }, 'VALIDATION_FAILED', 'correlationId'],
  [{ externalId: 'x'.repeat(129) }, 'VALIDATION_FAILED', 'externalId'],
  [{ colour: 'red' }, 'VALIDATION_FAILED', 'colour'],
])('%j is refused with %s naming %s', (texts, code, field) => {
  expect(() => parseFields(texts as Record<string, string>)).toThrow(
    expect.objectContaining({ code, errors: [expect.objectContaining({ field })] }),
  );
});

test('features may be given as names separated by commas', () => {
  expect(parseFields({ features: 'extraction' }).features).toEqual(['extraction']);
  expect(parseFields({ features: 'translation,extraction' }).features).toEqual([
    'translation',
    'extraction',
  ]);
  expect(() => parseFields({ features: 'extraction,magic' })).toThrow(
    expect.objectContaining({ errors: [expect.objectContaining({ field: 'features.1' })] }),
  );
});

test.each([
  [undefined, ['extraction', 'forensics', 'translation']],
  ['true', ['extraction', 'forensics', 'translation']],
  ['[true,true]', ['extraction', 'forensics', 'translation']],
  ['false', ['extraction', 'translation']],
  ['[true,false]', ['extraction', 'translation']],
])('with classify %s and no features, all possible features run', (classify, features) => {
  const fields = parseFields(classify === undefined ? {} : { classify });
  expect(fields.features).toEqual(features);
  expect(() => classifyPerFile(fields, 2)).not.toThrow();
});

test('a correlation id is a field or a header, and both must be equal', () => {
  expect(parseFields({}, 'trace-7').correlationId).toBe('trace-7');
  expect(parseFields({ correlationId: 'trace-7' }).correlationId).toBe('trace-7');
  expect(parseFields({ correlationId: 'trace-7' }, 'trace-7').correlationId).toBe('trace-7');
  expect(() => parseFields({ correlationId: 'trace-7' }, 'trace-8')).toThrow(
    expect.objectContaining({ errors: [expect.objectContaining({ field: 'correlationId' })] }),
  );
  expect(() => parseFields({}, 'x'.repeat(257))).toThrow(/rules/);
});

test('a feature that is given twice is requested once', () => {
  expect(parseFields({ features: '["extraction","extraction"]' }).features).toEqual(['extraction']);
});

test('TE-33 classify is one value for all files, or one per file', () => {
  const fields = parseFields({ features: '["extraction"]' });
  expect(classifyPerFile(fields, 2)).toEqual([true, true]);
  expect(classifyPerFile({ ...fields, classify: [false, true] }, 2)).toEqual([false, true]);
  expect(() => classifyPerFile({ ...fields, classify: [false] }, 2)).toThrow(/rules/);
});

test('TE-L3 forensics requires classification', () => {
  const fields = parseFields({ features: '["forensics"]' });
  expect(() => classifyPerFile({ ...fields, classify: [true, false] }, 2)).toThrow(
    expect.objectContaining({ code: 'FORENSICS_NEEDS_CLASSIFICATION' }),
  );
});

test('TE-L3 a feature that the organization is not provisioned for is refused', () => {
  expect(() => checkProvisioned(['extraction', 'translation'], ['extraction'])).toThrow(
    expect.objectContaining({ status: 403, code: 'FEATURE_NOT_PROVISIONED' }),
  );
});
