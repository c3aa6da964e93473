import { expect, test } from 'vitest';

import { parseFields } from './submission-fields.ts';

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
  [{ features: '["extraction","magic"]' }, 'VALIDATION_FAILED', 'features.1'],
  [{ features: '[["extraction"],["translation","magic"]]' }, 'VALIDATION_FAILED', 'features.1.1'],
  [{ features: '["extraction",["translation"]]' }, 'VALIDATION_FAILED', 'features.1'],
  [{ features: '{"a":1}' }, 'VALIDATION_FAILED', 'features'],
  [{ classify: '[true,"no"]' }, 'VALIDATION_FAILED', 'classify.1'],
  [{ classify: '"yes"' }, 'VALIDATION_FAILED', 'classify'],
  [{ targetLanguage: 'fr' }, 'VALIDATION_FAILED', 'targetLanguage'],
  [{ features: '[extraction]' }, 'MALFORMED_JSON', 'features'],
  [{ metadata: '{"a":"x\\u0000"}' }, 'VALIDATION_FAILED', 'metadata.a'],
  [{ metadata: '{"a":"\\ud800"}' }, 'VALIDATION_FAILED', 'metadata.a'],
  [{ metadata: '{"\\ud800":1}' }, 'VALIDATION_FAILED', 'metadata'],
  [{ externalId: 'a\0' }, 'VALIDATION_FAILED', 'externalId'],
  [{ correlationId: 'two words' }, 'VALIDATION_FAILED', 'correlationId'],
  [{ externalId: 'x'.repeat(129) }, 'VALIDATION_FAILED', 'externalId'],
  [{ verificationId: 'verification-7' }, 'VALIDATION_FAILED', 'verificationId'],
  [{ verificationId: '' }, 'VALIDATION_FAILED', 'verificationId'],
  [
    { verificationId: '6b1f6c1e-6a7e-4a51-9b8a-1d2f3c4b5a6\0' },
    'VALIDATION_FAILED',
    'verificationId',
  ],
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

test('a correlation id is a field or a header, and both must be equal', () => {
  expect(parseFields({}, 'trace-7').correlationId).toBe('trace-7');
  expect(parseFields({ correlationId: 'trace-7' }).correlationId).toBe('trace-7');
  expect(parseFields({ correlationId: 'trace-7' }, 'trace-7').correlationId).toBe('trace-7');
  expect(() => parseFields({ correlationId: 'trace-7' }, 'trace-8')).toThrow(
    expect.objectContaining({ errors: [expect.objectContaining({ field: 'correlationId' })] }),
  );
  expect(() => parseFields({}, 'x'.repeat(257))).toThrow(/rules/);
});

test('part of TE-L1: features and the target language are per submission or have a default', () => {
  expect(parseFields({}).targetLanguage).toBe('en');
  expect(parseFields({ targetLanguage: 'es' }).targetLanguage).toBe('es');
  expect(parseFields({ features: '[["extraction"],[]]' }).features).toEqual([['extraction'], []]);
});
