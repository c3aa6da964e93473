import { casewireEvents, teamEvents } from '@casewire/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { checkSchema } from './check-schema.ts';
import { compileSchema } from './validator.ts';

const own = [
  ...casewireEvents,
  ...[...teamEvents].map(([name, { data }]) => [name, data] as const),
];

test.each(own)('the schema of %s may be catalogued', (_, data) => {
  expect(checkSchema(z.toJSONSchema(data, { target: 'draft-2020-12', io: 'output' }))).toEqual([]);
});

const object = (properties: object, more: object = {}) => ({
  type: 'object',
  properties,
  ...more,
});
const nested = (depth: number): object =>
  depth === 0 ? {} : { type: 'array', items: nested(depth - 1) };

test.each<[string, unknown, string, string]>([
  ['a schema that is not an object', 'string', '', 'must be an object'],
  ['a root schema that is not of an object', { type: 'string' }, '/type', 'must be object'],
  ['a root without a type', {}, '/type', 'must be object'],
  [
    'an unknown keyword',
    object({ a: { type: 'string', contains: {} } }),
    '/properties/a/contains',
    'contains is not a keyword of catalogued schemas',
  ],
  ['if', object({}, { if: {} }), '/if', 'is not a keyword'],
  ['__proto__', JSON.parse('{"type":"object","__proto__":{}}'), '/__proto__', 'is not a keyword'],
  [
    'a remote reference',
    object({ a: { $ref: 'https://example.com/a.json' } }),
    '/properties/a/$ref',
    'other documents are not fetched',
  ],
  [
    'a reference to a definition that does not exist',
    object({ a: { $ref: '#/$defs/b' } }),
    '/properties/a/$ref',
    'must be #',
  ],
  [
    'a reference to a property',
    object({ a: { $ref: '#/properties/a' } }),
    '/properties/a/$ref',
    'must be #',
  ],
  [
    'a reference with other keywords',
    object({ a: { $ref: '#', type: 'object' } }),
    '/properties/a/$ref',
    'must not be combined with type',
  ],
  [
    'anyOf with other keywords',
    object({ a: { anyOf: [{}], minLength: 1 } }),
    '/properties/a/anyOf',
    'must not be combined with minLength',
  ],
  [
    'listed values with bounds',
    object({ a: { enum: ['x'], minLength: 1 } }),
    '/properties/a/enum',
    'must not be combined with minLength',
  ],
  [
    '$defs inside',
    object({ a: { $defs: {} } }),
    '/properties/a/$defs',
    'is allowed at the root only',
  ],
  [
    'a schema that is a reference to itself',
    object({ a: { $ref: '#/$defs/a' } }, { $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } } }),
    '/$defs/a',
    'refers to itself directly',
  ],
  [
    'branches that double the work at each level',
    object(
      { a: { $ref: '#/$defs/a' } },
      {
        $defs: {
          a: {
            anyOf: [
              { type: 'array', items: { $ref: '#/$defs/a' } },
              { type: 'array', items: { $ref: '#/$defs/a' }, maxItems: 2 },
            ],
          },
        },
      },
    ),
    '/$defs/a/anyOf',
    'is part of a recursion',
  ],
  [
    'references that multiply',
    object(
      { a: { $ref: '#/$defs/a0' } },
      {
        $defs: Object.fromEntries(
          Array.from({ length: 20 }, (_, i) => [
            `a${i}`,
            i === 19
              ? {}
              : { anyOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] },
          ]),
        ),
      },
    ),
    '',
    'each counted as often as it is referenced',
  ],
  [
    'more properties than a validator compiles quickly',
    object(
      Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`p${i}`, { type: 'string' }])),
    ),
    '',
    'has more than 500 schemas',
  ],
  ['deep nesting', object({ a: nested(40) }), '', 'is nested deeper than 32'],
  ['very deep nesting', object({ a: nested(3_000) }), '', 'is nested deeper than 32'],
  ['a large schema', object({}, { description: 'x'.repeat(70_000) }), '', 'is larger than 65536'],
  [
    'a pattern that looks ahead',
    object({ a: { type: 'string', pattern: '(?=a)' } }),
    '/properties/a/pattern',
    'has a group other than',
  ],
  ['an unknown format', object({ a: { format: 'ip' } }), '/properties/a/format', 'must be one of'],
  ['an unknown type', object({ a: { type: 'date' } }), '/properties/a/type', 'must be one or more'],
  ['a bound that is none', object({ a: { minimum: '1' } }), '/properties/a/minimum', 'a number'],
  [
    'a length below 0',
    object({ a: { minLength: -1 } }),
    '/properties/a/minLength',
    'an integer of at least 0',
  ],
  ['an empty enum', object({ a: { enum: [] } }), '/properties/a/enum', 'must be an array of 1'],
  ['names twice', object({}, { required: ['a', 'a'] }), '/required', 'different names'],
  ['a schema that is none', object({ a: 1 }), '/properties/a', 'must be a schema'],
  [
    'unique items without a maximum',
    object({ a: { type: 'array', uniqueItems: true } }),
    '/properties/a/uniqueItems',
    'requires a maxItems of at most 1000',
  ],
  [
    'a required property that is not allowed',
    object({}, { required: ['a'], additionalProperties: false }),
    '/required',
    'a is required, but it is neither described nor allowed',
  ],
  ['another JSON Schema', object({}, { $schema: 'x' }), '/$schema', 'must be https://json-schema'],
])('%s is refused, with the path and the reason', (_, schema, path, reason) => {
  expect(checkSchema(schema)).toContainEqual({ path, reason: expect.stringContaining(reason) });
});

test('a value is refused with the path and the reason', () => {
  const validate = compileSchema({
    type: 'object',
    properties: { a: { type: 'array', items: { enum: ['x', 'y'] } }, b: { type: 'string' } },
    additionalProperties: false,
  });
  expect(validate({ a: ['x', 'z'] })).toEqual({
    path: '/a/1',
    reason: 'must be equal to one of the allowed values: ["x","y"]',
  });
  expect(validate({ c: 1 })).toMatchObject({ reason: expect.stringContaining('"c"') });
  expect(validate({ a: ['y'], b: '' })).toBeNull();
});

test('a value that is nested too deeply is refused with a reason', () => {
  const validate = compileSchema({
    type: 'object',
    properties: { a: { $ref: '#/$defs/a' } },
    $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } },
  });
  const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) as unknown;
  expect(validate({ a: deep })).toMatchObject({ reason: 'is nested too deeply' });
});

test('a pattern on which RegExp backtracks for ages is matched at once', () => {
  const validate = compileSchema({
    type: 'object',
    properties: { a: { type: 'string', pattern: '^(a+)+$' } },
  });
  expect(validate({ a: `${'a'.repeat(50_000)}!` })).toMatchObject({ path: '/a' });
  expect(validate({ a: 'aaa' })).toBeNull();
});

test('the largest schema that may be catalogued is checked and compiled quickly', () => {
  const inner = { anyOf: [{ type: 'null' }, { type: 'string', minLength: 1 }] };
  const largest = object(
    Object.fromEntries(Array.from({ length: 166 }, (_, i) => [`p${i}`, inner])),
  );
  const started = performance.now();
  expect(checkSchema(largest)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(3_000);
});

test('each property is checked against its own pattern', () => {
  const validate = compileSchema({
    type: 'object',
    properties: { a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } },
  });
  expect(validate({ a: 'a', b: 'b' })).toBeNull();
  expect(validate({ a: 'a', b: 'a' })).toMatchObject({ path: '/b' });
});
