import { expect, test } from 'vitest';

import { storableTextErrors } from './storable-texts.ts';

test.each([
  ['NUL in a value', { a: { b: ['ok', 'x\0'] } }, 'a.b.1'],
  ['half of a surrogate pair in a value', { a: '\ud800' }, 'a'],
  ['half of a surrogate pair in a key', { a: { '\udc00': 1 } }, 'a'],
  ['NUL in a key of the top', { '\0': 1 }, ''],
  ['NUL in a text by itself', '\0', ''],
])('%s is refused with the path of its field', (_, value, field) => {
  expect(storableTextErrors(value)).toEqual([{ field, rule: expect.stringContaining('NUL') }]);
});

test('a value that is nested deeper than the call stack is checked, and its path is shortened', () => {
  let value: unknown = '\0';
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  expect(storableTextErrors(value)).toEqual([
    { field: Array.from({ length: 20 }, () => '0').join('.'), rule: expect.any(String) },
  ]);
});

test('complete characters of every plane, numbers, null and undefined are storable', () => {
  expect(storableTextErrors({ a: ['é', '漢', '😀', 1, null, undefined, true, { b: '' }] })).toEqual(
    [],
  );
});
