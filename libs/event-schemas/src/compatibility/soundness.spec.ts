import { describe, expect, test } from 'vitest';

import { checkSchema } from '../check-schema.ts';
import { between, oneOf, seededRandom, type Random } from '../random.ts';
import type { Json, Schema, SubSchema } from '../schema.ts';
import { compileSchema } from '../validator.ts';
import { valuesOf } from '../values.ts';
import { compare } from './compare.ts';

/** Random schemas with few names and small bounds, so that two of them have much in common. */
function anySchema(random: Random, depth: number): Schema {
  const flat = [aText, aNumber, aList, aUnion];
  const deep = [anObject, anArray, aChoice, aReference];
  return oneOf(random, depth >= 3 ? flat : [...flat, ...deep])(random, depth);
}
const maybe = <T extends object>(random: Random, part: () => T): T | object =>
  random() < 0.4 ? part() : {};
const aText = (random: Random): Schema => ({
  type: 'string',
  ...maybe(random, () => ({ minLength: between(random, 0, 2) })),
  ...maybe(random, () => ({ maxLength: between(random, 2, 4) })),
  ...maybe(random, () => oneOf<Schema>(random, [{ pattern: '^[a-c]*$' }, { format: 'date' }])),
});
const aNumber = (random: Random): Schema => ({
  type: oneOf(random, ['integer', 'number'] as const),
  ...maybe(random, () =>
    oneOf(random, [
      { minimum: between(random, 0, 2) },
      { exclusiveMinimum: between(random, 0, 2) },
    ]),
  ),
  ...maybe(random, () => ({ maximum: between(random, 3, 5) })),
});
const aList = (random: Random): Schema =>
  oneOf<Schema>(random, [
    { enum: ['a', 'b'] },
    { enum: ['a', 1, null] },
    { const: 'a' },
    { type: 'boolean' },
    { type: 'boolean', enum: [true, false] },
    { type: ['string', 'integer'], enum: ['a', 1] },
  ]);
const aUnion = (random: Random): Schema => ({
  type: oneOf(random, [
    ['string', 'null'],
    ['integer', 'string'],
    ['number', 'null', 'boolean'],
  ] as const).slice(),
});
const anArray = (random: Random, depth: number): Schema => ({
  type: 'array',
  ...maybe(random, () => ({ items: anySchema(random, depth + 1) })),
  ...maybe(random, () => ({ minItems: between(random, 0, 2) })),
  ...maybe(random, () => ({ maxItems: between(random, 2, 3), uniqueItems: random() < 0.5 })),
});
const anObject = (random: Random, depth: number): Schema => {
  const names = ['a', 'b', 'c'].filter(() => random() < 0.6);
  const additionalProperties = oneOf<SubSchema>(random, [false, false, true, { type: 'string' }]);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, anySchema(random, depth + 1)])),
    required: names.filter(() => random() < 0.5),
    additionalProperties,
    ...maybe(random, () => ({
      propertyNames: oneOf<Schema>(random, [{ type: 'string' }, { maxLength: 2 }]),
    })),
  };
};
const aChoice = (random: Random, depth: number): Schema => ({
  anyOf: Array.from({ length: between(random, 1, 3) }, () => anySchema(random, depth + 1)),
});
const aReference = (): Schema => ({ $ref: '#/$defs/shared' });

const root = (random: Random): Schema => ({
  ...anObject(random, 0),
  $defs: {
    shared: oneOf<Schema>(random, [
      { type: 'string' },
      { type: ['string', 'null'] },
      { type: 'array', items: { $ref: '#/$defs/shared' } },
    ]),
  },
});

/** Every schema in it, to be changed in place. */
const within = (schema: Schema): Schema[] => [
  schema,
  ...[
    ...Object.values(schema.properties ?? {}),
    ...Object.values(schema.$defs ?? {}),
    ...(schema.anyOf ?? []),
    schema.items,
    schema.additionalProperties,
  ].flatMap((inner) => (typeof inner === 'object' ? within(inner) : [])),
];

type Mutation = (schema: Schema, random: Random) => void;
const set =
  <K extends keyof Schema>(keyword: K, value: Schema[K]): Mutation =>
  (schema) => {
    if (schema.$ref === undefined && !schema.anyOf) schema[keyword] = value;
  };
const drop =
  (keyword: keyof Schema): Mutation =>
  (schema) => {
    if (schema !== undefined && keyword !== 'type') delete schema[keyword];
  };
const mutations: Mutation[] = [
  ...(
    [
      'minLength',
      'maxLength',
      'pattern',
      'format',
      'minimum',
      'exclusiveMinimum',
      'maximum',
    ] as const
  ).map(drop),
  ...(
    [
      'items',
      'minItems',
      'maxItems',
      'uniqueItems',
      'required',
      'additionalProperties',
      'propertyNames',
      'enum',
      'const',
    ] as const
  ).map(drop),
  set('minLength', 1),
  set('maxLength', 2),
  set('pattern', '^a'),
  set('format', 'date'),
  set('minimum', 2),
  set('maximum', 3),
  set('exclusiveMinimum', 2),
  set('minItems', 1),
  set('maxItems', 1),
  set('enum', ['a', 'b', 'c']),
  set('description', 'new'),
  set('examples', ['x']),
  (schema) => {
    if (schema.type === 'object') schema.additionalProperties = false;
  },
  (schema) => {
    if (schema.type === 'object') schema.additionalProperties = { type: 'string' };
  },
  (schema, random) => {
    const name = oneOf(random, ['a', 'b', 'c']);
    if (schema.type === 'object')
      schema.properties = { ...schema.properties, [name]: anySchema(random, 2) };
  },
  (schema, random) => {
    const name = oneOf(random, ['a', 'b', 'c']);
    if (schema.type === 'object' && schema.additionalProperties !== false)
      schema.properties = { ...schema.properties, [name]: schema.additionalProperties ?? true };
  },
  (schema) => {
    const [first] = Object.keys(schema.properties ?? {});
    if (first !== undefined && !schema.required?.includes(first)) delete schema.properties![first];
  },
  (schema) => {
    const [first] = Object.keys(schema.properties ?? {});
    if (first !== undefined) schema.required = [...new Set([...(schema.required ?? []), first])];
  },
  (schema) => {
    if (schema.enum && schema.enum.length > 1) schema.enum = schema.enum.slice(1);
  },
  (schema) => void schema.enum?.push('d'),
  (schema) => {
    if (schema.type === 'array') schema.maxItems = 4;
  },
  (schema) => void schema.anyOf?.reverse(),
  (schema) =>
    void schema.anyOf?.push({
      type: 'object',
      properties: { a: { type: 'null' } },
      additionalProperties: false,
    }),
  (schema) => void (schema.anyOf && schema.anyOf.length > 1 && schema.anyOf.pop()),
  (schema) => {
    if (
      schema.type === 'integer' &&
      schema.minimum !== undefined &&
      schema.exclusiveMinimum === undefined
    ) {
      schema.exclusiveMinimum = schema.minimum - 1;
      delete schema.minimum;
    }
  },
  (schema) => {
    if (schema.type === 'integer') schema.type = 'number';
  },
  (schema) => {
    if (schema.type === 'string') schema.type = ['string', 'null'];
  },
  (schema) => {
    if (schema.type !== 'string' || schema.minLength || schema.maxLength || schema.pattern) return;
    for (const keyword of Object.keys(schema)) delete schema[keyword as keyof Schema];
    schema.$ref = '#/$defs/shared';
  },
];

interface Pair {
  before: Schema;
  after: Schema;
  kinds: Set<string>;
}

function pairs(count: number): Pair[] {
  const random = seededRandom(2026);
  const found: Pair[] = [];
  while (found.length < count) {
    const before = root(random);
    const after = structuredClone(before);
    oneOf(random, mutations)(oneOf(random, within(after)), random);
    if (JSON.stringify(before) === JSON.stringify(after)) continue;
    if (checkSchema(before).length > 0 || checkSchema(after).length > 0) continue;
    const kinds = compare(before, after)
      .filter((one) => one.breaking)
      .map(({ kind }) => kind);
    found.push({ before, after, kinds: new Set(kinds) });
  }
  return found;
}

/** A value of one schema that the other one refuses; undefined if none is found. */
function counterexample({ before, after }: Pair): Json | undefined {
  const tried = (from: Schema, to: Schema) => {
    const validate = compileSchema(to);
    return valuesOf(from, 1, 60).find((value) => validate(value) !== null);
  };
  return tried(before, after) ?? tried(after, before);
}

describe('compare, checked with values', { timeout: 120_000 }, () => {
  const all = pairs(2_000);

  test('compatible schemas accept the values of each other', () => {
    const compatible = all.filter(({ kinds }) => kinds.size === 0);
    expect(compatible.length).toBeGreaterThan(200);
    for (const pair of compatible)
      expect({ ...pair, value: counterexample(pair) }).toEqual({ ...pair, value: undefined });
  });

  // If compare ignored one of these kinds, it would accept incompatible pairs, and a value would show it.
  test.each([
    'property-added',
    'property-removed',
    'properties-opened',
    'properties-closed',
    'required-added',
    'required-removed',
    'type-added',
    'type-removed',
    'type-widened',
    'enum-added',
    'enum-removed',
    'enum-value-added',
    'enum-value-removed',
    'format-added',
    'format-removed',
    'pattern-added',
    'pattern-removed',
    'minLength-tightened',
    'minLength-loosened',
    'maxLength-tightened',
    'maxLength-loosened',
    'minimum-tightened',
    'minimum-loosened',
    'maximum-tightened',
    'maximum-loosened',
    'minItems-tightened',
    'minItems-loosened',
    'maxItems-tightened',
    'maxItems-loosened',
    'unique-items-removed',
    'names-maxLength-loosened',
    'branch-removed',
  ])('a comparison without %s is detected', (kind) => {
    const ignored = all.filter(({ kinds }) => kinds.size === 1 && kinds.has(kind));
    expect(ignored.some((pair) => counterexample(pair) !== undefined)).toBe(true);
  });
});
