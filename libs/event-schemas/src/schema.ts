/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** A JSON Schema 2020-12 with the keywords of catalogued schemas: see checkSchema. */
export interface Schema {
  $schema?: string;
  $id?: string;
  $defs?: Record<string, Schema>;
  $ref?: string;
  title?: string;
  description?: string;
  default?: Json;
  examples?: Json[];
  type?: TypeName | TypeName[];
  enum?: Json[];
  const?: Json;
  anyOf?: Schema[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  properties?: Record<string, SubSchema>;
  required?: string[];
  additionalProperties?: SubSchema;
  propertyNames?: SubSchema;
  items?: SubSchema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
}
export type SubSchema = Schema | boolean;

export const typeNames = [
  'null',
  'boolean',
  'integer',
  'number',
  'string',
  'array',
  'object',
] as const;
export type TypeName = (typeof typeNames)[number];

export const formats = [
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'time',
  'uri',
  'uuid',
] as const;

/** A fault in a schema or a value: its JSON Pointer (RFC 6901) and a reason to show to people. */
export interface Fault {
  path: string;
  reason: string;
}

/** The JSON Pointer (RFC 6901) to a value below these names. */
export const pointer = (...names: (string | number)[]): string =>
  names.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The JSON Schema type of a value; `integer` for a number without a fraction. */
export function typeOf(value: Json): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'boolean' | 'string' | 'object';
}

const reference = /^#(?:\/\$defs\/([^/]+))?$/;

/** The schema that a local reference names: the root, or one of its $defs. */
export function resolve(root: Schema, ref: string): Schema | undefined {
  const match = reference.exec(ref);
  if (!match) return undefined;
  const [, name] = match;
  if (name === undefined) return root;
  const key = name.replaceAll('~1', '/').replaceAll('~0', '~');
  return root.$defs && Object.hasOwn(root.$defs, key) ? root.$defs[key] : undefined;
}

/** A value as JSON with sorted property names, so that equal values have equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** How deep arrays and objects are nested. It does not recurse, so a deep value cannot exhaust the stack. */
export function depthOf(value: unknown): number {
  let level: unknown[] = [value];
  for (let depth = 0; ; depth++) {
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
    if (level.length === 0) return depth;
  }
}

/** The direct subschemas of a schema, each with its path. */
export function* subSchemas(schema: Schema): Iterable<[path: string, schema: SubSchema]> {
  for (const keyword of ['properties', '$defs'] as const) {
    for (const [name, inner] of Object.entries(schema[keyword] ?? {}))
      yield [pointer(keyword, name), inner];
  }
  for (const keyword of ['additionalProperties', 'propertyNames', 'items'] as const) {
    const inner = schema[keyword];
    if (inner !== undefined) yield [pointer(keyword), inner];
  }
  for (const [i, inner] of (schema.anyOf ?? []).entries()) yield [pointer('anyOf', i), inner];
}

/** A value as JSON of at most 200 characters, for messages. */
export const shown = (value: Json | undefined): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};
