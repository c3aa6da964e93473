import { casewireEvents, teamEvents } from '@casewire/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';

import type { Schema } from './schema.ts';
import { valuesOf } from './values.ts';

const own = [
  ...casewireEvents,
  ...[...teamEvents].map(([name, { data }]) => [name, data] as const),
];

test.each(own)('generated values of %s are valid for its contract', (_, data) => {
  const schema = z.toJSONSchema(data, { target: 'draft-2020-12', io: 'output' }) as Schema;
  const values = valuesOf(schema, 1, 50);
  expect(values).toHaveLength(50);
  for (const value of values) expect(data.safeParse(value).error).toBeUndefined();
});

test('the same seed gives the same values, another seed gives others', () => {
  const schema: Schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
  expect(valuesOf(schema, 5, 20)).toEqual(valuesOf(schema, 5, 20));
  expect(valuesOf(schema, 5, 20)).not.toEqual(valuesOf(schema, 6, 20));
});

test('the bounds themselves are among the values', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      n: { type: 'integer', minimum: 3, maximum: 9 },
      s: { type: 'string', minLength: 2, maxLength: 4 },
      l: { type: 'array', items: { type: 'boolean' }, minItems: 1, maxItems: 2 },
    },
    required: ['n', 's', 'l'],
    additionalProperties: false,
  };
  const values = valuesOf(schema, 1, 200) as { n: number; s: string; l: boolean[] }[];
  const lengths = (of: (one: (typeof values)[number]) => number) => [
    Math.min(...values.map(of)),
    Math.max(...values.map(of)),
  ];
  expect(lengths(({ n }) => n)).toEqual([3, 9]);
  expect(lengths(({ s }) => Array.from(s).length)).toEqual([2, 4]);
  expect(lengths(({ l }) => l.length)).toEqual([1, 2]);
});

test.each<[string, Schema]>([
  ['what can never be', { type: 'object', required: ['a'], properties: { a: false } }],
  [
    'an endless recursion',
    {
      type: 'object',
      required: ['a', 'b', 'c'],
      properties: { a: { $ref: '#' }, b: { $ref: '#' }, c: { $ref: '#' } },
    },
  ],
  [
    'a very long text',
    { type: 'object', required: ['a'], properties: { a: { type: 'string', minLength: 1e9 } } },
  ],
  [
    'very many items',
    { type: 'object', required: ['a'], properties: { a: { type: 'array', minItems: 1e9 } } },
  ],
])('%s gives no values, soon', (_, schema) => {
  const started = performance.now();
  expect(valuesOf(schema, 1, 200)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(3_000);
});
