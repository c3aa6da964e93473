import { canonical, resolve, typeOf, type Json, type Schema, type SubSchema } from '../schema.ts';

export const kinds = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;
export type Kind = (typeof kinds)[number];

/** What a schema takes of one type of JSON: a schema is the union of its branches. */
export interface Branch {
  kind: Kind;
  /** Of numbers: whole ones only. */
  whole: boolean;
  /** The values that are left, as canonical JSON, where they are listed; null where they are not. */
  values: ReadonlySet<string> | null;
  /** Holds the keywords that bind this type. */
  schema: Schema;
}

const kindOf = (value: Json): Kind => {
  const type = typeOf(value);
  return type === 'integer' ? 'number' : type;
};

/** The branches of a schema, its references followed. */
export function branchesOf(root: Schema, schema: SubSchema): Branch[] {
  if (schema === false) return [];
  if (schema === true) return branchesOf(root, {});
  if (schema.$ref !== undefined) return branchesOf(root, resolve(root, schema.$ref)!);
  if (schema.anyOf) return schema.anyOf.flatMap((one) => branchesOf(root, one));
  const types = schema.type === undefined ? kinds : [schema.type].flat();
  const listed = schema.const === undefined ? schema.enum : [schema.const];
  return kinds.flatMap((kind): Branch[] => {
    const whole = kind === 'number' && !types.includes('number');
    if (whole ? !types.includes('integer' as never) : !types.includes(kind)) return [];
    // Beside listed values stands a type at most.
    const values = listed?.filter(
      (one) => kindOf(one) === kind && (!whole || Number.isInteger(one)),
    );
    if (values?.length === 0) return [];
    // To list what is all there is says nothing.
    const isAll = kind === 'null' || (kind === 'boolean' && values?.length === 2);
    return [
      { kind, whole, values: !values || isAll ? null : new Set(values.map(canonical)), schema },
    ];
  });
}
