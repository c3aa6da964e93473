import { LinearMatcher } from './pattern/linear-matcher.ts';
import { PatternRefused } from './pattern/pattern-syntax.ts';
import {
  canonical,
  depthOf,
  formats,
  pointer,
  resolve,
  subSchemas,
  typeNames,
  type Fault,
  type Schema,
  type SubSchema,
} from './schema.ts';
import { compileSchema } from './validator.ts';

export const schemaLimits = {
  /** Largest size of the schema as JSON, in bytes. */
  bytes: 65_536,
  depth: 32,
  /** Subschemas, each counted as often as it is referenced: the compilation of a larger schema takes seconds. */
  size: 500,
  /** Items of an array with unique items: the validator compares each item with each. */
  uniqueItems: 1_000,
};

const dialect = 'https://json-schema.org/draft/2020-12/schema';

type Rule = (value: unknown) => string | null;
const isText =
  (max: number): Rule =>
  (value) =>
    typeof value === 'string' && value.length <= max
      ? null
      : `must be a string of at most ${max} characters`;
const isCount: Rule = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? null : 'must be an integer of at least 0';
const isNumber: Rule = (value) => (Number.isFinite(value) ? null : 'must be a number');
const isSchemas: Rule = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? null
    : 'must be an object of schemas';
const isNames: Rule = (value) =>
  Array.isArray(value) &&
  value.every((one) => typeof one === 'string') &&
  new Set(value).size === value.length
    ? null
    : 'must be an array of different names';
const anything: Rule = () => null;

/** @throws PatternRefused */
const parseable = (source: string): LinearMatcher => new LinearMatcher(source);

/** The keywords of catalogued schemas, each with the rule for its value. */
const keywords: Record<string, Rule> = {
  $schema: (value) => (value === dialect ? null : `must be ${dialect}`),
  $id: isText(256),
  $defs: isSchemas,
  $ref: isText(256),
  title: isText(1_000),
  description: isText(10_000),
  default: anything,
  examples: (value) => (Array.isArray(value) ? null : 'must be an array'),
  type: (value) => {
    const types = Array.isArray(value) ? value : [value];
    const known = types.every((one) => (typeNames as readonly unknown[]).includes(one));
    return known && types.length > 0 && new Set(types).size === types.length
      ? null
      : `must be one or more of ${typeNames.join(', ')}, each at most once`;
  },
  enum: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= 1_000 &&
    new Set(value.map(canonical)).size === value.length
      ? null
      : 'must be an array of 1 to 1000 different values',
  const: anything,
  anyOf: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= 50
      ? null
      : 'must be an array of 1 to 50 schemas',
  format: (value) =>
    (formats as readonly unknown[]).includes(value) ? null : `must be one of ${formats.join(', ')}`,
  pattern: (value) => {
    if (typeof value !== 'string') return 'must be a string';
    try {
      parseable(value);
      return null;
    } catch (error) {
      if (error instanceof PatternRefused) return error.message;
      throw error;
    }
  },
  minLength: isCount,
  maxLength: isCount,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  properties: isSchemas,
  required: isNames,
  additionalProperties: anything,
  propertyNames: anything,
  items: anything,
  minItems: isCount,
  maxItems: isCount,
  uniqueItems: (value) => (typeof value === 'boolean' ? null : 'must be true or false'),
};

const annotations = new Set(['title', 'description', 'default', 'examples']);
const atRoot = new Set(['$schema', '$id', '$defs']);

/**
 * Checks a schema before it is catalogued. A schema is refused if it has a keyword that is not in the closed set, a reference to
 * another document, a pattern that cannot be matched in linear time, a size that makes validation slow, or a root that is not an
 * object.
 * @returns at most 50 faults, each with its path in the schema; none for a schema that may be catalogued
 */
export function checkSchema(schema: unknown): Fault[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return [{ path: '', reason: 'must be an object' }];
  if (depthOf(schema) > schemaLimits.depth)
    return [{ path: '', reason: `is nested deeper than ${schemaLimits.depth} levels` }];
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > schemaLimits.bytes)
    return [{ path: '', reason: `is larger than ${schemaLimits.bytes} bytes` }];
  const faults = new SchemaCheck(schema).faults();
  if (faults.length > 0) return faults.slice(0, 50);
  try {
    compileSchema(schema);
    return [];
  } catch (error) {
    return [{ path: '', reason: `cannot be used: ${(error as Error).message}` }];
  }
}

class SchemaCheck {
  private readonly found: Fault[] = [];

  constructor(private readonly root: Schema) {}

  faults(): Fault[] {
    this.schema(this.root, '');
    if (this.root.type !== 'object') this.fault('/type', 'must be object: an event is an object');
    if (this.found.length === 0) this.references();
    return this.found;
  }

  private fault(path: string, reason: string): void {
    this.found.push({ path, reason });
  }

  private schema(schema: unknown, path: string): void {
    if (typeof schema === 'boolean') return;
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
      return this.fault(path, 'must be a schema');
    const wrong = this.found.length;
    for (const [keyword, value] of Object.entries(schema)) this.keyword(keyword, value, path);
    if (this.found.length > wrong) return;
    this.combinations(schema, path);
    for (const [at, inner] of subSchemas(schema)) this.schema(inner, path + at);
  }

  private keyword(keyword: string, value: unknown, path: string): void {
    const at = path + pointer(keyword);
    const rule = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
    if (!rule) return this.fault(at, `${keyword} is not a keyword of catalogued schemas`);
    if (atRoot.has(keyword) && path !== '') return this.fault(at, 'is allowed at the root only');
    const reason = rule(value);
    if (reason) return this.fault(at, reason);
    if (keyword === '$ref' && !resolve(this.root, value as string))
      this.fault(at, 'must be # or #/$defs/<name>: other documents are not fetched');
  }

  /** Checks which keywords exclude or require each other. */
  private combinations(schema: Schema, path: string): void {
    for (const exclusive of ['$ref', 'anyOf', 'enum', 'const'] as const) {
      const isListing = exclusive === 'enum' || exclusive === 'const';
      const others = Object.keys(schema).filter(
        (keyword) =>
          keyword !== exclusive &&
          !(isListing && keyword === 'type') &&
          !annotations.has(keyword) &&
          !atRoot.has(keyword),
      );
      if (schema[exclusive] !== undefined && others.length > 0)
        this.fault(path + pointer(exclusive), `must not be combined with ${others.join(', ')}`);
    }
    if (schema.uniqueItems && (schema.maxItems ?? Infinity) > schemaLimits.uniqueItems)
      this.fault(
        `${path}/uniqueItems`,
        `requires a maxItems of at most ${schemaLimits.uniqueItems}`,
      );
    if (schema.additionalProperties !== false) return;
    const impossible = schema.required?.find(
      (name) => !Object.hasOwn(schema.properties ?? {}, name),
    );
    if (impossible !== undefined)
      this.fault(
        `${path}/required`,
        `${impossible} is required, but it is neither described nor allowed`,
      );
  }

  /** Checks that follow references. */
  private references(): void {
    const homes = new Map<string, Schema>([['#', this.root]]);
    for (const [name, one] of Object.entries(this.root.$defs ?? {}))
      homes.set(`#${pointer('$defs', name)}`, one);
    const all = new Map([...homes].map(([ref, home]) => [ref, refsIn(home, false)]));
    const direct = new Map([...homes].map(([ref, home]) => [ref, refsIn(home, true)]));
    for (const [ref, home] of homes) {
      const path = ref.slice(1);
      if (reaches(direct, ref, ref)) return this.fault(path, 'refers to itself directly');
      if (reaches(all, ref, ref)) this.recursiveChoices(home, path);
    }
    this.size();
  }

  private size(): void {
    const open = new Set<Schema>();
    let size = 0;
    const walk = (schema: SubSchema): void => {
      if (typeof schema === 'boolean' || size > schemaLimits.size || open.has(schema)) return;
      size += 1;
      open.add(schema);
      if (schema.$ref !== undefined) walk(resolve(this.root, schema.$ref)!);
      for (const [at, inner] of subSchemas(schema)) if (!at.startsWith('/$defs')) walk(inner);
      open.delete(schema);
    };
    walk(this.root);
    for (const one of Object.values(this.root.$defs ?? {})) walk(one);
    if (size > schemaLimits.size)
      this.fault(
        '',
        `has more than ${schemaLimits.size} schemas, each counted as often as it is referenced`,
      );
  }

  /** In a recursion, two branches that accept the same values double the work of the validator at every level. */
  private recursiveChoices(schema: SubSchema, path: string): void {
    if (typeof schema === 'boolean') return;
    const containers = (schema.anyOf ?? []).flatMap((one) => containersOf(this.root, one));
    if (new Set(containers).size !== containers.length)
      this.fault(
        `${path}/anyOf`,
        'is part of a recursion: each branch must have a type, and at most one may be an array and one an object',
      );
    for (const [at, inner] of subSchemas(schema))
      if (!at.startsWith('/$defs')) this.recursiveChoices(inner, path + at);
  }
}

/** The references in a schema; if `direct`, only those that the validator follows before it descends into the value. */
function refsIn(schema: SubSchema, direct: boolean): string[] {
  if (typeof schema === 'boolean') return [];
  const inner = [...subSchemas(schema)].filter(([at]) =>
    direct ? at.startsWith('/anyOf') : !at.startsWith('/$defs'),
  );
  return [
    ...(schema.$ref === undefined ? [] : [schema.$ref]),
    ...inner.flatMap(([, one]) => refsIn(one, direct)),
  ];
}

function reaches(edges: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [...(edges.get(from) ?? [])];
  while (open.length > 0) {
    const one = open.pop()!;
    if (one === to) return true;
    if (!seen.has(one)) open.push(...(edges.get(one) ?? []));
    seen.add(one);
  }
  return false;
}

/** Which of the types array and object a schema accepts. */
function containersOf(root: Schema, schema: SubSchema): string[] {
  if (schema === false) return [];
  if (schema === true) return ['array', 'object'];
  if (schema.$ref !== undefined) return containersOf(root, resolve(root, schema.$ref)!);
  if (schema.anyOf) return [...new Set(schema.anyOf.flatMap((one) => containersOf(root, one)))];
  if (schema.type === undefined) return ['array', 'object'];
  return ['array', 'object'].filter((name) => [schema.type].flat().includes(name as 'array'));
}
