import type { Schema, SubSchema } from '@casewire/event-schemas';

/**
 * Collects the schemas of many types in one document. Each schema gets its own name, its `$defs` become schemas beside it,
 * and its references are rewritten accordingly.
 */
export class SchemaComponents {
  readonly schemas: Record<string, unknown> = {};

  /** @returns a reference to the schema */
  add(
    name: string,
    { $defs = {}, $schema: _schema, $id: _id, ...schema }: Schema,
  ): { $ref: string } {
    const nameOf = (key: string) => `${name}.${key.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`;
    const rewritten = (ref: string) =>
      ref === '#'
        ? refTo(name)
        : refTo(nameOf(ref.slice('#/$defs/'.length).replaceAll('~1', '/').replaceAll('~0', '~')));
    for (const [key, one] of Object.entries($defs))
      this.schemas[nameOf(key)] = withReferences(one, rewritten);
    this.schemas[name] = withReferences(schema, rewritten);
    return { $ref: refTo(name) };
  }
}

const refTo = (name: string): string => `#/components/schemas/${name}`;

/** Rewrites the references of a schema; a `$ref` inside of a value (const, enum, default) is not a reference. */
function withReferences(schema: SubSchema, rewritten: (ref: string) => string): unknown {
  if (typeof schema === 'boolean') return schema;
  const inner = (one: SubSchema) => withReferences(one, rewritten);
  const all = (some: Record<string, SubSchema>) =>
    Object.fromEntries(Object.entries(some).map(([name, one]) => [name, inner(one)]));
  return {
    ...schema,
    ...(schema.$ref !== undefined && { $ref: rewritten(schema.$ref) }),
    ...(schema.properties && { properties: all(schema.properties) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(inner) }),
    ...(schema.items !== undefined && { items: inner(schema.items) }),
    ...(schema.propertyNames !== undefined && { propertyNames: inner(schema.propertyNames) }),
    ...(schema.additionalProperties !== undefined && {
      additionalProperties: inner(schema.additionalProperties),
    }),
  };
}
