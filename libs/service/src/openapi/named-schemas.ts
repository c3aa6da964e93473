import * as contracts from '@casewire/contracts';
import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;
type Direction = 'input' | 'output';

/** The suffix of a schema in requests, if it differs from the schema in responses: fields with a default are optional. */
export const inputSuffix = 'Input';

/** Queries are split into parameters, and string schemas are short: neither is a component. */
const isNamed = (name: string, schema: unknown): schema is z.ZodType =>
  !name.endsWith('Query') &&
  (schema instanceof z.ZodObject ||
    schema instanceof z.ZodEnum ||
    schema instanceof z.ZodDiscriminatedUnion);

const named: [string, z.ZodType][] = Object.entries(contracts).flatMap(([name, schema]) =>
  isNamed(name, schema) ? [[name, schema] as [string, z.ZodType]] : [],
);

const convert = (
  schema: z.ZodType,
  io: Direction,
  metadata: z.core.$ZodRegistry<{ id: string }>,
): JsonSchema =>
  z.toJSONSchema(schema, { io, metadata, target: 'draft-2020-12', unrepresentable: 'any' });

const withoutNames = z.registry<{ id: string }>();
const differs = (schema: z.ZodType) =>
  JSON.stringify(convert(schema, 'input', withoutNames)) !==
  JSON.stringify(convert(schema, 'output', withoutNames));

function namesFor(io: Direction) {
  const names = z.registry<{ id: string }>();
  for (const [name, schema] of named) {
    if (names.has(schema)) continue;
    names.add(schema, { id: io === 'input' && differs(schema) ? name + inputSuffix : name });
  }
  return names;
}

// Created with the first document: a service without an API needs none.
const registries: Partial<Record<Direction, ReturnType<typeof namesFor>>> = {};

/**
 * Converts a zod schema to OpenAPI 3.1 (JSON Schema 2020-12). Named schemas of the contracts become components and
 * are referenced; all other schemas are inlined.
 */
export function openApiSchema(
  schema: z.ZodType,
  io: Direction,
): { schema: JsonSchema; components: Record<string, JsonSchema> } {
  const names = (registries[io] ??= namesFor(io));
  const { $schema: _, $defs = {}, ...root } = convert(schema, io, names);
  const components = Object.fromEntries(
    Object.entries($defs as Record<string, JsonSchema>)
      .filter(([name]) => !isAnyJson(name))
      .map(([name, definition]) => [name, cleaned(definition)]),
  );
  // The root of a named schema is a reference to its definition.
  return { schema: cleaned(root), components };
}

/** The component of a named schema of the contracts, by the name that references to it have; undefined if there is none. */
export function componentOf(name: string): JsonSchema | undefined {
  for (const io of ['input', 'output'] as const) {
    for (const [, schema] of named) {
      const component = openApiSchema(schema, io).components[name];
      if (component) return component;
    }
  }
  return undefined;
}

/** The only recursive schema is that of any JSON value. The empty schema is equivalent. */
const isAnyJson = (name: string) => name.startsWith('__schema');

function cleaned<T>(value: T, isSchema = true): T {
  if (Array.isArray(value)) return value.map((one: unknown) => cleaned(one)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const { $ref } = value as { $ref?: unknown };
  if (isSchema && typeof $ref === 'string') {
    const name = $ref.replace('#/$defs/', '');
    return (isAnyJson(name) ? {} : { ...value, $ref: `#/components/schemas/${name}` }) as T;
  }
  return Object.fromEntries(
    Object.entries(value)
      // `id` is the name of a component here and not a JSON Schema keyword, but a property may be named `id`.
      .filter(([key]) => !(isSchema && key === 'id'))
      .map(([key, one]) => [key, verbatim.has(key) ? one : cleaned(one, key !== 'properties')]),
  ) as T;
}

/** Keywords whose content is values and not schemas. */
const verbatim = new Set(['default', 'enum', 'const', 'examples', 'required']);
