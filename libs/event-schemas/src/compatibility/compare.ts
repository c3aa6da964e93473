import type { SchemaChange } from '@casewire/contracts';

import { canonical, pointer, resolve, type Schema, type SubSchema } from '../schema.ts';
import { boundsOf } from './bounds.ts';
import { branchesOf, kinds, type Branch } from './branches.ts';

/** Pairs of schemas after which a comparison gives up. */
const maxSteps = 10_000;

const narrower = 'values that were valid are refused now';
const wider = 'values that are valid now were refused before';

/**
 * Compares two schemas that checkSchema accepts. If no change is breaking, both schemas accept exactly the same values, so a
 * reader of one can read the values of the other. A change that cannot be shown to be compatible counts as breaking. In a path,
 * `*` means the items of an array or additional properties.
 * @returns the changes from `before` to `after`, each once
 */
export function compare(before: Schema, after: Schema): SchemaChange[] {
  const comparison = new Comparison(before, after);
  try {
    return distinct(comparison.schemas(before, after, ''));
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error;
    const reason = 'the schemas are too complex to be compared';
    return [{ path: '', kind: 'not-compared', breaking: true, reason }];
  }
}

class TooComplex extends Error {}

const distinct = (changes: SchemaChange[]): SchemaChange[] => [
  ...new Map(changes.map((change) => [canonical(change), change])).values(),
];

const breaking = (path: string, kind: string, reason: string): SchemaChange => ({
  path,
  kind,
  breaking: true,
  reason,
});

const isBreaking = (changes: readonly SchemaChange[]) => changes.some((one) => one.breaking);

const annotations = ['title', 'description', 'default', 'examples'] as const;

class Comparison {
  /** Pairs whose comparison is under way. Where a recursion reaches such a pair again, it adds no difference. */
  private readonly open = new Map<SubSchema, SubSchema[]>();
  private steps = 0;

  constructor(
    private readonly before: Schema,
    private readonly after: Schema,
  ) {}

  schemas(before: SubSchema, after: SubSchema, path: string): SchemaChange[] {
    if (++this.steps > maxSteps) throw new TooComplex();
    const under = this.open.get(before) ?? [];
    if (under.includes(after)) return [];
    this.open.set(before, [...under, after]);
    try {
      return [...this.annotations(before, after, path), ...this.unions(before, after, path)];
    } finally {
      this.open.set(before, under);
    }
  }

  private annotations(before: SubSchema, after: SubSchema, path: string): SchemaChange[] {
    const [was, is] = [annotated(this.before, before), annotated(this.after, after)];
    return annotations
      .filter((name) => canonical(was[name]) !== canonical(is[name]))
      .map((name) => ({
        path,
        kind: `${name}-changed`,
        breaking: false,
        reason: `the ${name} is different; the valid values are the same`,
      }));
  }

  private unions(before: SubSchema, after: SubSchema, path: string): SchemaChange[] {
    const [was, is] = [branchesOf(this.before, before), branchesOf(this.after, after)];
    return kinds.flatMap((kind) => {
      const ofKind = (one: Branch) => one.kind === kind;
      return this.sameKind(was.filter(ofKind), is.filter(ofKind), path, kind);
    });
  }

  private sameKind(was: Branch[], is: Branch[], path: string, kind: string): SchemaChange[] {
    if (was.length === 0 && is.length === 0) return [];
    if (is.length === 0)
      return [breaking(path, 'type-removed', `${kind} is not accepted any more: ${narrower}`)];
    if (was.length === 0)
      return [breaking(path, 'type-added', `${kind} is accepted, too: ${wider}`)];
    if (was.length === 1 && is.length === 1) return this.branches(was[0]!, is[0]!, path);
    const changes: SchemaChange[] = [];
    const left = [...is];
    const unmatched = was.filter((one) => {
      const same = left.findIndex((other) => !isBreaking(this.branches(one, other, path)));
      if (same < 0) return true;
      changes.push(...this.branches(one, left.splice(same, 1)[0]!, path));
      return false;
    });
    if (unmatched.length === 1 && left.length === 1)
      return [...changes, ...this.branches(unmatched[0]!, left[0]!, path)];
    if (unmatched.length > 0)
      changes.push(breaking(path, 'branch-removed', `a form of ${kind} is removed: ${narrower}`));
    if (left.length > 0)
      changes.push(breaking(path, 'branch-added', `a form of ${kind} is added: ${wider}`));
    return changes;
  }

  private branches(was: Branch, is: Branch, path: string): SchemaChange[] {
    if (was.values || is.values) return listedValues(was.values, is.values, path);
    const { schema: before } = was;
    const { schema: after } = is;
    switch (was.kind) {
      case 'null':
      case 'boolean':
        return [];
      case 'number':
        return [...wholeness(was, is, path), ...bounds(was, is, path)];
      case 'string':
        return [
          ...keyword('format', before.format, after.format, path),
          ...keyword('pattern', before.pattern, after.pattern, path),
          ...bounds(was, is, path),
        ];
      case 'array':
        return [
          ...uniqueness(before.uniqueItems ?? false, after.uniqueItems ?? false, path),
          ...bounds(was, is, path),
          ...this.schemas(before.items ?? true, after.items ?? true, `${path}/*`),
        ];
      case 'object':
        return this.objects(before, after, path);
    }
  }

  private objects(before: Schema, after: Schema, path: string): SchemaChange[] {
    const names = [before, after].flatMap(({ properties, required }) => [
      ...Object.keys(properties ?? {}),
      ...(required ?? []),
    ]);
    return [
      ...[...new Set(names)].flatMap((name) => this.property(name, before, after, path)),
      ...this.others(before.additionalProperties ?? true, after.additionalProperties ?? true, path),
      ...this.schemas(before.propertyNames ?? true, after.propertyNames ?? true, path)
        // A name is always a string, whatever other types its schema accepts.
        .filter(({ kind, reason }) => !kind.startsWith('type-') || reason.startsWith('string '))
        .map((change) => ({ ...change, kind: `names-${change.kind}` })),
    ];
  }

  private property(name: string, before: Schema, after: Schema, path: string): SchemaChange[] {
    const at = path + pointer(name);
    const [was, is] = [propertyOf(before, name), propertyOf(after, name)];
    const [wasRequired, isRequired] = [before, after].map((one) => one.required?.includes(name));
    if (was.schema === false && is.schema === false) return [];
    if (was.schema === false)
      return [
        breaking(at, 'property-added', `no other properties were allowed: ${wider}`),
        ...(isRequired ? [breaking(at, 'required-added', narrower)] : []),
      ];
    if (is.schema === false)
      return [breaking(at, 'property-removed', `no other properties are allowed: ${narrower}`)];
    const inner = this.schemas(was.schema, is.schema, at);
    const required =
      wasRequired && !isRequired
        ? [breaking(at, 'required-removed', `it is optional: ${wider}`)]
        : !wasRequired && isRequired
          ? [breaking(at, 'required-added', `it is required: ${narrower}`)]
          : [];
    if (was.described === is.described) return [...inner, ...required];
    const kind = is.described ? 'property-added' : 'property-removed';
    const change = isBreaking(inner)
      ? breaking(
          at,
          kind,
          is.described
            ? `additional properties accepted more values than this property does: ${narrower}`
            : `additional properties accept other values than this property did: ${wider}`,
        )
      : { path: at, kind, breaking: false, reason: 'additional properties accept the same values' };
    return [change, ...required];
  }

  private others(before: SubSchema, after: SubSchema, path: string): SchemaChange[] {
    if (before === false && after === false) return [];
    if (before === false)
      return [breaking(path, 'properties-opened', `other properties are allowed: ${wider}`)];
    if (after === false)
      return [breaking(path, 'properties-closed', `no other properties are allowed: ${narrower}`)];
    return this.schemas(before, after, `${path}/*`);
  }
}

/** A schema with its annotations; those that it lacks come from the schema it refers to. */
const annotated = (root: Schema, schema: SubSchema): Schema => {
  if (typeof schema === 'boolean') return {};
  return schema.$ref === undefined ? schema : { ...resolve(root, schema.$ref), ...schema };
};

const propertyOf = (schema: Schema, name: string): { schema: SubSchema; described: boolean } => {
  const described = Object.hasOwn(schema.properties ?? {}, name);
  return {
    schema: described ? schema.properties![name]! : (schema.additionalProperties ?? true),
    described,
  };
};

function listedValues(
  was: ReadonlySet<string> | null,
  is: ReadonlySet<string> | null,
  path: string,
): SchemaChange[] {
  if (!was) return [breaking(path, 'enum-added', `only listed values are accepted: ${narrower}`)];
  if (!is)
    return [
      breaking(path, 'enum-removed', `values other than the listed ones are accepted: ${wider}`),
    ];
  const short = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
  return [
    ...[...was]
      .filter((one) => !is.has(one))
      .map((one) =>
        breaking(path, 'enum-value-removed', `${short(one)} is not accepted any more: ${narrower}`),
      ),
    ...[...is]
      .filter((one) => !was.has(one))
      .map((one) => breaking(path, 'enum-value-added', `${short(one)} is accepted, too: ${wider}`)),
  ];
}

function wholeness({ whole: was }: Branch, { whole: is }: Branch, path: string): SchemaChange[] {
  if (was === is) return [];
  return is
    ? [breaking(path, 'type-narrowed', `only integers are accepted: ${narrower}`)]
    : [breaking(path, 'type-widened', `numbers with a fraction are accepted, too: ${wider}`)];
}

function uniqueness(was: boolean, is: boolean, path: string): SchemaChange[] {
  if (was === is) return [];
  return is
    ? [breaking(path, 'unique-items-added', `items must be unique: ${narrower}`)]
    : [breaking(path, 'unique-items-removed', `items need not be unique: ${wider}`)];
}

function keyword(
  name: string,
  was: string | undefined,
  is: string | undefined,
  path: string,
): SchemaChange[] {
  if (was === is) return [];
  if (was === undefined) return [breaking(path, `${name}-added`, `it must be ${is}: ${narrower}`)];
  if (is === undefined)
    return [breaking(path, `${name}-removed`, `it need not be ${was}: ${wider}`)];
  return [breaking(path, `${name}-changed`, `it was ${was} and is ${is}: ${narrower}`)];
}

function bounds(was: Branch, is: Branch, path: string): SchemaChange[] {
  const after = boundsOf(is);
  return boundsOf(was).flatMap(({ name, value, excluded }, i): SchemaChange[] => {
    const other = after[i]!;
    if (value === other.value && excluded === other.excluded) return [];
    const inwards = name.startsWith('min') ? other.value > value : other.value < value;
    const isTighter = value === other.value ? other.excluded : inwards;
    const change = `${name} was ${limitText(value)} and is ${limitText(other.value)}`;
    return isTighter
      ? [breaking(path, `${name}-tightened`, `${change}: ${narrower}`)]
      : [breaking(path, `${name}-loosened`, `${change}: ${wider}`)];
  });
}

const limitText = (value: number): string => (Number.isFinite(value) ? `${value}` : 'unlimited');
