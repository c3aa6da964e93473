import { resolve, type Schema, type SubSchema } from '@casewire/event-schemas';

/** A row in the table of a schema's fields. */
export interface Field {
  /** The names from the root to the field, joined by dots; `[]` for the items of an array, `*` for other properties. */
  path: string;
  type: string;
  required: boolean;
  description: string;
}

const maxDepth = 6;

/** The fields of a schema, nested ones included, down to a depth of 6. */
export function fieldsOf(root: Schema): Field[] {
  return properties(root, root, '', 0);
}

function properties(root: Schema, schema: Schema, prefix: string, depth: number): Field[] {
  if (depth > maxDepth) return [];
  const described = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    field(root, inner, prefix + name, schema.required?.includes(name) ?? false, depth),
  );
  const others = schema.additionalProperties ?? true;
  return others === false
    ? described
    : [...described, ...field(root, others, `${prefix}*`, false, depth)];
}

function field(
  root: Schema,
  schema: SubSchema,
  path: string,
  required: boolean,
  depth: number,
): Field[] {
  const description = typeof schema === 'object' ? (schema.description ?? schema.title ?? '') : '';
  const own = { path, type: typeText(root, schema), required, description };
  const inner = branches(root, schema).flatMap((branch) => [
    ...(branch.properties ? properties(root, branch, `${path}.`, depth + 1) : []),
    ...branches(root, branch.items ?? true).flatMap((item) =>
      item.properties ? properties(root, item, `${path}[].`, depth + 1) : [],
    ),
  ]);
  return [own, ...inner];
}

function branches(root: Schema, schema: SubSchema): Schema[] {
  if (typeof schema === 'boolean') return [];
  if (schema.$ref !== undefined) return branches(root, resolve(root, schema.$ref)!);
  return schema.anyOf ? schema.anyOf.flatMap((one) => branches(root, one)) : [schema];
}

function typeText(root: Schema, schema: SubSchema, depth = 0): string {
  if (typeof schema === 'boolean') return schema ? 'anything' : 'nothing';
  if (schema.$ref !== undefined) {
    const target = resolve(root, schema.$ref)!;
    return depth > 2 ? (schema.$ref.split('/').at(-1) ?? '') : typeText(root, target, depth + 1);
  }
  if (schema.anyOf)
    return [...new Set(schema.anyOf.map((one) => typeText(root, one, depth + 1)))].join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  const types = schema.type === undefined ? ['anything'] : [schema.type].flat();
  return types.map((type) => withBounds(root, schema, type, depth)).join(' or ');
}

function withBounds(root: Schema, schema: Schema, type: string, depth: number): string {
  if (type === 'array')
    return depth > 2 ? 'array' : `array of ${typeText(root, schema.items ?? true, depth + 1)}`;
  if (type === 'string' && schema.format !== undefined) return `string (${schema.format})`;
  if (type === 'string' && (schema.minLength ?? schema.maxLength) !== undefined)
    return `string (${schema.minLength ?? 0} to ${schema.maxLength ?? 'any number of'} characters)`;
  if (type !== 'integer' && type !== 'number') return type;
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum ?? schema.exclusiveMaximum;
  const shownHigh = high === Number.MAX_SAFE_INTEGER ? undefined : high;
  if (low === undefined && shownHigh === undefined) return type;
  if (shownHigh === undefined) return `${type} from ${schema.minimum ?? `above ${low}`} on`;
  return `${type} ${low ?? 'up'} to ${shownHigh}`;
}
