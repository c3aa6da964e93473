import { casewireEvents, reservedEvents, teamEvents } from '@casewire/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { checkSchema } from './check-schema.ts';
import { compileSchema } from './validator.ts';

const own = [
  ...casewireEvents,
  ...reservedEvents,
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
  ['no object', 'string', '', 'must be an object'],
  ['a root that is no object schema', { type: 'string' }, '/type', 'must be object'],
  ['a root without a type', {}, '/type', 'must be object'],
  [
    'an unknown keyword',
    object({ a: { type: 'string', contains: {} } }),
    '/properties/a/contains',
    'contains is no keyword that catalogued schemas may use',
  ],
  ['if', object({}, { if: {} }), '/if', 'is no keyword'],
  ['__proto__', JSON.parse('{"type":"object","__proto__":{}}'), '/__proto__', 'is no keyword'],
  [
    'a remote reference',
    object({ a: { $ref: 'https://example.com/a.json' } }),
    '/properties/a/$ref',
    'nothing is fetched',
  ],
  [
    'a reference to nothing',
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
    'a reference beside other keywords',
    object({ a: { $ref: '#', type: 'object' } }),
    '/properties/a/$ref',
    'may not stand beside type',
  ],
  [
    'anyOf beside other keywords',
    object({ a: { anyOf: [{}], minLength: 1 } }),
    '/properties/a/anyOf',
    'may not stand beside minLength',
  ],
  [
    'listed values beside bounds',
    object({ a: { enum: ['x'], minLength: 1 } }),
    '/properties/a/enum',
    'may not stand beside minLength',
  ],
  ['$defs inside', object({ a: { $defs: {} } }), '/properties/a/$defs', 'only stand at the root'],
  [
    'a schema that is itself',
    object({ a: { $ref: '#/$defs/a' } }, { $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } } }),
    '/$defs/a',
    'refers to itself without anything in between',
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
    'once its references are followed',
  ],
  [
    'more properties than a validator is soon made for',
    object(
      Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`p${i}`, { type: 'string' }])),
    ),
    '',
    'holds more than 500 schemas',
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
  [
    'a format nobody knows',
    object({ a: { format: 'ip' } }),
    '/properties/a/format',
    'must be one of',
  ],
  [
    'a type that is none',
    object({ a: { type: 'date' } }),
    '/properties/a/type',
    'must be one or more',
  ],
  ['a bound that is none', object({ a: { minimum: '1' } }), '/properties/a/minimum', 'a number'],
  ['a length below 0', object({ a: { minLength: -1 } }), '/properties/a/minLength', 'from 0 on'],
  [
    'an enum of nothing',
    object({ a: { enum: [] } }),
    '/properties/a/enum',
    'must be an array of 1',
  ],
  ['names twice', object({}, { required: ['a', 'a'] }), '/required', 'each once'],
  ['a schema that is none', object({ a: 1 }), '/properties/a', 'must be a schema'],
  [
    'unique items without end',
    object({ a: { type: 'array', uniqueItems: true } }),
    '/properties/a/uniqueItems',
    'needs a maxItems of at most 1000',
  ],
  [
    'what can never be',
    object({}, { required: ['a'], additionalProperties: false }),
    '/required',
    'a is required, not described, and not allowed',
  ],
  ['another JSON Schema', object({}, { $schema: 'x' }), '/$schema', 'must be https://json-schema'],
])('%s is refused, with its place and the reason', (_, schema, path, reason) => {
  expect(checkSchema(schema)).toContainEqual({ path, reason: expect.stringContaining(reason) });
});

test('a value is refused with its place and the reason', () => {
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

test('a value nested deeper than can be followed is a fault like others', () => {
  const validate = compileSchema({
    type: 'object',
    properties: { a: { $ref: '#/$defs/a' } },
    $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } },
  });
  const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) as unknown;
  expect(validate({ a: deep })).toMatchObject({ reason: 'is nested too deeply' });
});

test('a pattern that would take the language ages is answered at once', () => {
  const validate = compileSchema({
    type: 'object',
    properties: { a: { type: 'string', pattern: '^(a+)+$' } },
  });
  expect(validate({ a: `${'a'.repeat(50_000)}!` })).toMatchObject({ path: '/a' });
  expect(validate({ a: 'aaa' })).toBeNull();
});

test('the largest schema that may be catalogued is checked and compiled soon', () => {
  const inner = { anyOf: [{ type: 'null' }, { type: 'string', minLength: 1 }] };
  const largest = object(
    Object.fromEntries(Array.from({ length: 166 }, (_, i) => [`p${i}`, inner])),
  );
  const started = performance.now();
  expect(checkSchema(largest)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(3_000);
});

test('each property is held against its own pattern', () => {
  const validate = compileSchema({
    type: 'object',
    properties: { a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } },
  });
  expect(validate({ a: 'a', b: 'b' })).toBeNull();
  expect(validate({ a: 'a', b: 'a' })).toMatchObject({ path: '/b' });
});
