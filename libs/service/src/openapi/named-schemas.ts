import * as contracts from '@casewire/contracts';
import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;
type Direction = 'input' | 'output';

/** What a schema is in a request where it differs from what it is in an answer: fields with a default may be left out. */
export const inputSuffix = 'Input';

/** A query is spread into parameters, and a text is short: neither needs a name. */
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

// Made when the first document is: a service without an API needs none.
const registries: Partial<Record<Direction, ReturnType<typeof namesFor>>> = {};

/**
 * A zod schema as OpenAPI 3.1 has it (JSON Schema 2020-12). Schemas that the contracts name are components, which are
 * referred to; everything else stands where it is used.
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
  // Of a schema that has a name, the root is a reference to its definition.
  return { schema: cleaned(root), components };
}

/** The only schema that refers to itself is the one of any JSON value, which the empty schema says as well. */
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
      // The name of a component is no keyword of JSON Schema; a property may well be called `id`.
      .filter(([key]) => !(isSchema && key === 'id'))
      .map(([key, one]) => [key, verbatim.has(key) ? one : cleaned(one, key !== 'properties')]),
  ) as T;
}

/** Values, and no schemas. */
const verbatim = new Set(['default', 'enum', 'const', 'examples', 'required']);
