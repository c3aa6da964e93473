import { describe, expect, test } from 'vitest';

import { checkSchema } from '../check-schema.ts';
import type { Schema, SubSchema } from '../schema.ts';
import { compare } from './compare.ts';

const object = (properties: Record<string, SubSchema>, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...more,
});
const a = (schema: SubSchema): Schema => object({ a: schema });
const text: Schema = { type: 'string' };
const open: Schema = { additionalProperties: true };

/** Two schemas, and the breaking changes from the first to the second (there) and from the second to the first (back). */
const rules: [name: string, before: Schema, after: Schema, there: string[], back: string[]][] = [
  [
    'an optional property, without additional properties',
    object({}),
    a(text),
    ['/a property-added'],
    ['/a property-removed'],
  ],
  [
    'a required property, without additional properties',
    object({}),
    object({ a: text }, { required: ['a'] }),
    ['/a property-added', '/a required-added'],
    ['/a property-removed'],
  ],
  [
    'an optional property with a restriction, among any additional properties',
    object({}, open),
    object({ a: text }, open),
    ['/a property-added'],
    ['/a property-removed'],
  ],
  [
    'an optional property without a restriction, among any additional properties',
    object({}, open),
    object({ a: { description: 'free' } }, open),
    [],
    [],
  ],
  [
    'an optional property, among additional properties with the same schema',
    object({}, { additionalProperties: text }),
    object({ a: text }, { additionalProperties: text }),
    [],
    [],
  ],
  [
    'an optional property, among additional properties with another schema',
    object({}, { additionalProperties: text }),
    object({ a: { type: 'integer' } }, { additionalProperties: text }),
    ['/a property-added'],
    ['/a property-removed'],
  ],
  [
    'a required property, among additional properties with the same schema',
    object({}, { additionalProperties: text }),
    object({ a: text }, { additionalProperties: text, required: ['a'] }),
    ['/a required-added'],
    ['/a required-removed'],
  ],
  [
    'a property that becomes required',
    a(text),
    object({ a: text }, { required: ['a'] }),
    ['/a required-added'],
    ['/a required-removed'],
  ],
  [
    'a type that becomes narrower',
    a({ type: ['string', 'integer'] }),
    a(text),
    ['/a type-removed'],
    ['/a type-added'],
  ],
  [
    'numbers that become integers',
    a({ type: 'number' }),
    a({ type: 'integer' }),
    ['/a type-narrowed'],
    ['/a type-widened'],
  ],
  [
    'a type where there was none',
    a({}),
    a(text),
    Array(5).fill('/a type-removed'),
    Array(5).fill('/a type-added'),
  ],
  [
    'null in addition',
    a(text),
    a({ type: ['string', 'null'] }),
    ['/a type-added'],
    ['/a type-removed'],
  ],
  [
    'null, written in another way',
    a({ type: ['string', 'null'] }),
    a({ anyOf: [text, { type: 'null' }] }),
    [],
    [],
  ],
  [
    'one more listed value',
    a({ enum: ['x'] }),
    a({ enum: ['x', 'y'] }),
    ['/a enum-value-added'],
    ['/a enum-value-removed'],
  ],
  [
    'listed values where there were none',
    a(text),
    a({ type: 'string', enum: ['x'] }),
    ['/a enum-added'],
    ['/a enum-removed'],
  ],
  ['listed values in another order', a({ enum: ['x', 'y'] }), a({ enum: ['y', 'x'] }), [], []],
  ['one listed value, written as const', a({ const: 'x' }), a({ enum: ['x'] }), [], []],
  [
    'another constant',
    a({ const: 'x' }),
    a({ const: 'y' }),
    ['/a enum-value-removed', '/a enum-value-added'],
    ['/a enum-value-removed', '/a enum-value-added'],
  ],
  [
    'listed values that the type does not accept',
    a({ type: 'string', enum: ['x', 1] }),
    a({ enum: ['x'] }),
    [],
    [],
  ],
  [
    'a format',
    a(text),
    a({ type: 'string', format: 'uuid' }),
    ['/a format-added'],
    ['/a format-removed'],
  ],
  [
    'another format',
    a({ type: 'string', format: 'date' }),
    a({ type: 'string', format: 'uuid' }),
    ['/a format-changed'],
    ['/a format-changed'],
  ],
  [
    'a pattern',
    a(text),
    a({ type: 'string', pattern: '^x' }),
    ['/a pattern-added'],
    ['/a pattern-removed'],
  ],
  [
    'a minimum length',
    a({ type: 'string', minLength: 0 }),
    a({ type: 'string', minLength: 2 }),
    ['/a minLength-tightened'],
    ['/a minLength-loosened'],
  ],
  [
    'a maximum length',
    a(text),
    a({ type: 'string', maxLength: 5 }),
    ['/a maxLength-tightened'],
    ['/a maxLength-loosened'],
  ],
  [
    'an exclusive minimum',
    a({ type: 'number', minimum: 0 }),
    a({ type: 'number', exclusiveMinimum: 0 }),
    ['/a minimum-tightened'],
    ['/a minimum-loosened'],
  ],
  [
    'a maximum',
    a({ type: 'number', maximum: 10 }),
    a({ type: 'number', maximum: 9 }),
    ['/a maximum-tightened'],
    ['/a maximum-loosened'],
  ],
  [
    'the lowest integer, written in another way',
    a({ type: 'integer', exclusiveMinimum: 0 }),
    a({ type: 'integer', minimum: 1 }),
    [],
    [],
  ],
  [
    'items of another type',
    a({ type: 'array', items: text }),
    a({ type: 'array', items: { type: 'integer' } }),
    ['/a/* type-removed', '/a/* type-added'],
    ['/a/* type-removed', '/a/* type-added'],
  ],
  [
    'a number of items',
    a({ type: 'array' }),
    a({ type: 'array', minItems: 1 }),
    ['/a minItems-tightened'],
    ['/a minItems-loosened'],
  ],
  [
    'unique items',
    a({ type: 'array', maxItems: 9 }),
    a({ type: 'array', maxItems: 9, uniqueItems: true }),
    ['/a unique-items-added'],
    ['/a unique-items-removed'],
  ],
  [
    'a reference in place of its definition',
    a(text),
    object({ a: { $ref: '#/$defs/t' } }, { $defs: { t: text } }),
    [],
    [],
  ],
  [
    'the definition that a reference names',
    object({ a: { $ref: '#/$defs/t' } }, { $defs: { t: text } }),
    object({ a: { $ref: '#/$defs/t' } }, { $defs: { t: { type: 'integer' } } }),
    ['/a type-removed', '/a type-added'],
    ['/a type-removed', '/a type-added'],
  ],
  [
    'another name for a recursive definition',
    object(
      { a: { $ref: '#/$defs/t' } },
      { $defs: { t: { type: 'array', items: { $ref: '#/$defs/t' } } } },
    ),
    object(
      { a: { type: 'array', items: { $ref: '#/$defs/u' } } },
      { $defs: { u: { type: 'array', items: { $ref: '#/$defs/u' } } } },
    ),
    [],
    [],
  ],
  [
    'a bound inside a recursive definition',
    object(
      { a: { $ref: '#/$defs/t' } },
      { $defs: { t: { type: 'array', items: { $ref: '#/$defs/t' } } } },
    ),
    object(
      { a: { $ref: '#/$defs/t' } },
      { $defs: { t: { type: 'array', items: { $ref: '#/$defs/t' }, maxItems: 3 } } },
    ),
    ['/a maxItems-tightened', '/a/* maxItems-tightened'],
    ['/a maxItems-loosened', '/a/* maxItems-loosened'],
  ],
  [
    'additional properties',
    object({ a: text }),
    object({ a: text }, open),
    [' properties-opened'],
    [' properties-closed'],
  ],
  ['additional properties, allowed by default', object({}, open), { type: 'object' }, [], []],
  [
    'names of additional properties',
    object({}, open),
    object({}, { additionalProperties: true, propertyNames: { pattern: '^x' } }),
    [' names-pattern-added'],
    [' names-pattern-removed'],
  ],
  [
    'names that are strings, which they always are',
    object({}, open),
    object({}, { additionalProperties: true, propertyNames: { type: 'string' } }),
    [],
    [],
  ],
  [
    'one more form of object',
    a({ anyOf: [object({ x: text }), object({ y: text })] }),
    a({ anyOf: [object({ y: text }), object({ z: text }), object({ x: text })] }),
    ['/a branch-added'],
    ['/a branch-removed'],
  ],
  [
    'forms of object in another order',
    a({ anyOf: [object({ x: text }), object({ y: text })] }),
    a({ anyOf: [object({ y: text }), object({ x: text })] }),
    [],
    [],
  ],
  [
    'one form of object changed',
    a({ anyOf: [object({ x: text }), object({ y: text })] }),
    a({ anyOf: [object({ x: text }), object({ y: { type: 'integer' } })] }),
    ['/a/y type-removed', '/a/y type-added'],
    ['/a/y type-removed', '/a/y type-added'],
  ],
  ['the order of properties', object({ a: text, b: text }), object({ b: text, a: text }), [], []],
  [
    'names with slashes and tildes',
    object({ 'x/y~z': text }),
    object({ 'x/y~z': { type: 'string', minLength: 1 } }),
    ['/x~1y~0z minLength-tightened'],
    ['/x~1y~0z minLength-loosened'],
  ],
];

const breaking = (before: Schema, after: Schema) =>
  compare(before, after)
    .filter((change) => change.breaking)
    .map(({ path, kind }) => `${path} ${kind}`);
// A change of type may be reported once for each type.
const set = (changes: string[]) => [...new Set(changes)].toSorted();

describe.each(rules)('%s', (_, before, after, there, back) => {
  test('there and back', () => {
    expect([checkSchema(before), checkSchema(after)]).toEqual([[], []]);
    expect(set(breaking(before, after))).toEqual(set(there));
    expect(set(breaking(after, before))).toEqual(set(back));
  });
});

test.each(['title', 'description', 'default', 'examples'] as const)(
  'a change of %s is reported and never breaking',
  (name) => {
    const value = name === 'examples' ? ['x'] : 'x';
    expect(compare(a(text), a({ ...text, [name]: value }))).toEqual([
      { path: '/a', kind: `${name}-changed`, breaking: false, reason: expect.any(String) },
    ]);
  },
);

test('a reason states the change and the values that it concerns', () => {
  expect(compare(a({ enum: ['x'] }), a({ enum: ['x', 'y'] }))).toEqual([
    {
      path: '/a',
      kind: 'enum-value-added',
      breaking: true,
      reason: '"y" is accepted, too: values that are valid now were refused before',
    },
  ]);
});

test('schemas that are too complex to be compared count as different, without delay', () => {
  const forms = (depth: number): Schema => ({
    anyOf: Array.from({ length: 5 }, () =>
      object({ p: depth === 0 ? { type: 'string' } : forms(depth - 1) }),
    ),
  });
  const other = (schema: Schema): Schema =>
    JSON.parse(JSON.stringify(schema).replaceAll('"string"', '"integer"')) as Schema;
  const schema = object({ a: forms(2) });
  expect(checkSchema(schema)).toEqual([]);
  const started = performance.now();
  expect(compare(schema, other(schema))).toMatchObject([{ kind: 'not-compared', breaking: true }]);
  expect(performance.now() - started).toBeLessThan(5_000);
});
