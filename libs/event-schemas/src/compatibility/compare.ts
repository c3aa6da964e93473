import type { SchemaChange } from '@casewire/contracts';

import { canonical, pointer, resolve, type Schema, type SubSchema } from '../schema.ts';
import { boundsOf } from './bounds.ts';
import { branchesOf, kinds, type Branch } from './branches.ts';

/** Pairs of schemas that are looked at before a comparison gives up. */
const maxSteps = 10_000;

const then = 'what was valid before is refused now';
const now = 'what is valid now was refused before';

/**
 * What changed from one schema to another, both ones that checkSchema has passed. Where no change is breaking, both take
 * exactly the same values: whoever reads by one of them can read what was written by the other. What cannot be shown to be
 * the same counts as breaking. In a path `*` stands for the items of an array, and for other properties.
 */
export function compare(before: Schema, after: Schema): SchemaChange[] {
  const comparison = new Comparison(before, after);
  try {
    return distinct(comparison.schemas(before, after, ''));
  } catch (error) {
    if (!(error instanceof TooIntricate)) throw error;
    const reason = 'the schemas are too intricate to be compared';
    return [{ path: '', kind: 'not-compared', breaking: true, reason }];
  }
}

class TooIntricate extends Error {}

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
  /** Pairs whose comparison is under way: met again inside it, they are the same as far as this pair is concerned. */
  private readonly open = new Map<SubSchema, SubSchema[]>();
  private steps = 0;

  constructor(
    private readonly before: Schema,
    private readonly after: Schema,
  ) {}

  schemas(before: SubSchema, after: SubSchema, path: string): SchemaChange[] {
    if (++this.steps > maxSteps) throw new TooIntricate();
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
        reason: `the ${name} says something else; what is valid stays the same`,
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
      return [breaking(path, 'type-removed', `${kind} is not taken any more: ${then}`)];
    if (was.length === 0) return [breaking(path, 'type-added', `${kind} is taken as well: ${now}`)];
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
      changes.push(breaking(path, 'branch-removed', `a form of ${kind} is gone: ${then}`));
    if (left.length > 0)
      changes.push(breaking(path, 'branch-added', `a form of ${kind} is new: ${now}`));
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
        // A name is a string, whatever else its schema takes.
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
        breaking(at, 'property-added', `no other properties were allowed: ${now}`),
        ...(isRequired ? [breaking(at, 'required-added', then)] : []),
      ];
    if (is.schema === false)
      return [breaking(at, 'property-removed', `no other properties are allowed: ${then}`)];
    const inner = this.schemas(was.schema, is.schema, at);
    const required =
      wasRequired && !isRequired
        ? [breaking(at, 'required-removed', `it may be missing: ${now}`)]
        : !wasRequired && isRequired
          ? [breaking(at, 'required-added', `it may not be missing any more: ${then}`)]
          : [];
    if (was.described === is.described) return [...inner, ...required];
    const kind = is.described ? 'property-added' : 'property-removed';
    const change = isBreaking(inner)
      ? breaking(
          at,
          kind,
          is.described
            ? `other properties had more room than this one: ${then}`
            : `other properties have another room than this one had: ${now}`,
        )
      : { path: at, kind, breaking: false, reason: 'other properties have the same room' };
    return [change, ...required];
  }

  private others(before: SubSchema, after: SubSchema, path: string): SchemaChange[] {
    if (before === false && after === false) return [];
    if (before === false)
      return [breaking(path, 'properties-opened', `other properties are allowed: ${now}`)];
    if (after === false)
      return [breaking(path, 'properties-closed', `no other properties are allowed: ${then}`)];
    return this.schemas(before, after, `${path}/*`);
  }
}

/** A schema's annotations, or where it has none those of what it refers to. */
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
  if (!was) return [breaking(path, 'enum-added', `only some values are left: ${then}`)];
  if (!is)
    return [breaking(path, 'enum-removed', `values beside the listed ones are taken: ${now}`)];
  const short = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
  return [
    ...[...was]
      .filter((one) => !is.has(one))
      .map((one) =>
        breaking(path, 'enum-value-removed', `${short(one)} is not taken any more: ${then}`),
      ),
    ...[...is]
      .filter((one) => !was.has(one))
      .map((one) => breaking(path, 'enum-value-added', `${short(one)} is taken as well: ${now}`)),
  ];
}

function wholeness({ whole: was }: Branch, { whole: is }: Branch, path: string): SchemaChange[] {
  if (was === is) return [];
  return is
    ? [breaking(path, 'type-narrowed', `only whole numbers are taken: ${then}`)]
    : [breaking(path, 'type-widened', `numbers need not be whole: ${now}`)];
}

function uniqueness(was: boolean, is: boolean, path: string): SchemaChange[] {
  if (was === is) return [];
  return is
    ? [breaking(path, 'unique-items-added', `no item may come twice: ${then}`)]
    : [breaking(path, 'unique-items-removed', `items may come twice: ${now}`)];
}

function keyword(
  name: string,
  was: string | undefined,
  is: string | undefined,
  path: string,
): SchemaChange[] {
  if (was === is) return [];
  if (was === undefined) return [breaking(path, `${name}-added`, `it must be ${is}: ${then}`)];
  if (is === undefined) return [breaking(path, `${name}-removed`, `it need not be ${was}: ${now}`)];
  return [breaking(path, `${name}-changed`, `it was ${was} and is ${is}: ${then}`)];
}

function bounds(was: Branch, is: Branch, path: string): SchemaChange[] {
  const after = boundsOf(is);
  return boundsOf(was).flatMap(({ name, value, excluded }, i): SchemaChange[] => {
    const other = after[i]!;
    if (value === other.value && excluded === other.excluded) return [];
    const inwards = name.startsWith('min') ? other.value > value : other.value < value;
    const isTighter = value === other.value ? other.excluded : inwards;
    const said = `${name} was ${told(value)} and is ${told(other.value)}`;
    return isTighter
      ? [breaking(path, `${name}-tightened`, `${said}: ${then}`)]
      : [breaking(path, `${name}-loosened`, `${said}: ${now}`)];
  });
}

const told = (value: number): string => (Number.isFinite(value) ? `${value}` : 'open');
