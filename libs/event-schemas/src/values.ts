import { matchingText } from './pattern/matching-text.ts';
import { parsePattern, type Pattern } from './pattern/pattern-syntax.ts';
import { between, oneOf, seededRandom, type Random } from './random.ts';
import { canonical, resolve, typeNames, type Json, type Schema, type SubSchema } from './schema.ts';
import { compileSchema } from './validator.ts';

const attemptsPerValue = 20;
const maxDepth = 6;
/** Schemas that are visited for one value, and for all values together, before the generation stops. */
const maxSteps = { value: 2_000, all: 200_000 };
/** Longer texts and arrays are not generated. */
const longestText = 10_000;
const mostItems = 1_000;

/**
 * Generates valid values of a schema that checkSchema accepts, among them values at its bounds. The same seed gives the same values.
 * @returns `count` values; fewer if they are hard to find
 */
export function valuesOf(schema: Schema, seed: number, count: number): Json[] {
  const validate = compileSchema(schema);
  const generator = new ValueGenerator(schema, seededRandom(seed));
  const values: Json[] = [];
  for (let tries = 0; values.length < count && tries < count * attemptsPerValue; tries++) {
    if (generator.steps > maxSteps.all) break;
    const value = generator.next();
    if (value !== undefined && validate(value) === null) values.push(value);
  }
  return values;
}

const pad = (n: number, length = 2) => String(n).padStart(length, '0');
const hex = (random: Random, length: number) =>
  Array.from({ length }, () => between(random, 0, 15).toString(16)).join('');

const date = (random: Random) =>
  `${between(random, 1970, 2099)}-${pad(between(random, 1, 12))}-${pad(between(random, 1, 28))}`;
const time = (random: Random) => {
  const [hours, minutes, seconds] = [23, 59, 59].map((max) => pad(between(random, 0, max)));
  const fraction = oneOf(random, ['', `.${pad(between(random, 0, 999), 3)}`]);
  return `${hours}:${minutes}:${seconds}${fraction}${oneOf(random, ['Z', 'Z', '+02:00', '-05:30'])}`;
};

const ofFormat: Record<string, (random: Random) => string> = {
  date,
  time,
  'date-time': (random) => `${date(random)}T${time(random)}`,
  duration: (random) => `P${between(random, 0, 30)}DT${between(random, 0, 23)}H`,
  email: (random) => `${hex(random, 6)}@example.com`,
  hostname: (random) => `${hex(random, 6)}.example.com`,
  ipv4: (random) => Array.from({ length: 4 }, () => between(random, 0, 255)).join('.'),
  ipv6: (random) => Array.from({ length: 8 }, () => hex(random, 4)).join(':'),
  uri: (random) => `https://example.com/${hex(random, 6)}?a=${hex(random, 2)}#b`,
  uuid: (random) =>
    `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${oneOf(random, Array.from('89ab'))}${hex(random, 3)}-${hex(random, 12)}`,
};

/** Few names, so that an additional property of one schema is often a described property of another. */
const names = ['a', 'b', 'c', 'id', 'status', 'x-1', 'ñ', ''];

class ValueGenerator {
  steps = 0;
  private lastStep = 0;
  private readonly patterns = new Map<string, Pattern>();

  constructor(
    private readonly root: Schema,
    private readonly random: Random,
  ) {}

  /** A value that is likely to be valid; undefined if none is found quickly. */
  next(): Json | undefined {
    this.lastStep = this.steps + maxSteps.value;
    return this.generate(this.root, 0);
  }

  private generate(schema: SubSchema, depth: number): Json | undefined {
    if (schema === false || depth > maxDepth * 3 || ++this.steps > this.lastStep) return undefined;
    if (schema === true) return this.anything(depth);
    if (schema.$ref !== undefined) return this.generate(resolve(this.root, schema.$ref)!, depth);
    if (schema.anyOf) return this.branch(schema.anyOf, depth);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return oneOf(this.random, schema.enum);
    const types = schema.type === undefined ? typeNames : [schema.type].flat();
    const flat = types.filter((type) => type !== 'array' && type !== 'object');
    switch (oneOf(this.random, depth >= maxDepth && flat.length > 0 ? flat : types)) {
      case 'null':
        return null;
      case 'boolean':
        return this.random() < 0.5;
      case 'integer':
        return Math.trunc(this.number(schema));
      case 'number':
        return this.number(schema);
      case 'string':
        return this.text(schema);
      case 'array':
        return this.array(schema, depth);
      case 'object':
        return this.object(schema, depth);
    }
  }

  private anything(depth: number): Json {
    const flat: Json[] = [null, true, 7, -0.5, 'text', '', []];
    const value = oneOf(this.random, flat);
    return depth < maxDepth && this.random() < 0.2 ? { a: value } : value;
  }

  private branch(branches: readonly Schema[], depth: number): Json | undefined {
    if (depth < maxDepth) return this.generate(oneOf(this.random, branches), depth + 1);
    // At the greatest depth, the first branch that gives a flat value.
    for (const one of branches) {
      const value = this.generate(one, maxDepth * 3);
      if (value !== undefined && (typeof value !== 'object' || value === null)) return value;
    }
    return this.generate(oneOf(this.random, branches), depth + 1);
  }

  private number(schema: Schema): number {
    const low =
      schema.minimum ?? schema.exclusiveMinimum ?? Math.min(-1_000, (schema.maximum ?? 0) - 10);
    const high = schema.maximum ?? schema.exclusiveMaximum ?? Math.max(1_000, low + 10);
    const anywhere = low + this.random() * (high - low);
    const whole = Math.round(anywhere);
    return oneOf(this.random, [low, high, low + 1, high - 1, (low + high) / 2, anywhere, whole, 0]);
  }

  private text(schema: Schema): string | undefined {
    const { format, pattern, minLength = 0, maxLength = Infinity } = schema;
    if (minLength > longestText) return undefined;
    if (format !== undefined && (pattern === undefined || this.random() < 0.5))
      return ofFormat[format]!(this.random);
    if (pattern !== undefined) return matchingText(this.parsed(pattern), this.random);
    const longest = Math.min(maxLength, minLength + 12);
    const length = oneOf(this.random, [
      minLength,
      longest,
      between(this.random, minLength, longest),
    ]);
    const characters = Array.from('abc xyz-_019AZé😀"\\');
    return Array.from({ length }, () => oneOf(this.random, characters)).join('');
  }

  private parsed(pattern: string): Pattern {
    const known = this.patterns.get(pattern) ?? parsePattern(pattern);
    this.patterns.set(pattern, known);
    return known;
  }

  private array(schema: Schema, depth: number): Json | undefined {
    const { items = true, minItems = 0, maxItems = Infinity, uniqueItems = false } = schema;
    if (minItems > mostItems) return undefined;
    const most = depth >= maxDepth ? minItems : Math.min(maxItems, minItems + 4);
    const length = oneOf(this.random, [minItems, most, between(this.random, minItems, most)]);
    const generated = new Map<string, Json>();
    const all: Json[] = [];
    for (let tries = 0; all.length < length && tries < length * 10; tries++) {
      const item = this.generate(items, depth + 1);
      if (item === undefined) return undefined;
      if (uniqueItems && generated.has(canonical(item))) continue;
      generated.set(canonical(item), item);
      all.push(item);
    }
    return all;
  }

  private object(schema: Schema, depth: number): Json | undefined {
    const { properties = {}, required = [], additionalProperties = true } = schema;
    const entries: [string, Json][] = [];
    for (const name of new Set([...Object.keys(properties), ...required])) {
      const isRequired = required.includes(name);
      if (!isRequired && (depth >= maxDepth || this.random() < 0.5)) continue;
      const inner = Object.hasOwn(properties, name) ? properties[name]! : additionalProperties;
      const value = this.generate(inner, depth + 1);
      if (value !== undefined) entries.push([name, value]);
      else if (isRequired) return undefined;
    }
    if (additionalProperties !== false && depth < maxDepth && this.random() < 0.4) {
      const name = this.nameOf(schema.propertyNames);
      const value = this.generate(additionalProperties, depth + 1);
      const isFree = !Object.hasOwn(properties, name);
      if (value !== undefined && isFree) entries.push([name, value]);
    }
    return Object.fromEntries(entries);
  }

  private nameOf(propertyNames: SubSchema | undefined): string {
    const isBound = typeof propertyNames === 'object' && this.random() < 0.5;
    const name = isBound ? this.generate({ type: 'string', ...propertyNames }, 0) : undefined;
    return typeof name === 'string' ? name : oneOf(this.random, names);
  }
}
