import { canonical, resolve, typeOf, type Json, type Schema, type SubSchema } from '../schema.ts';

export const kinds = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;
export type Kind = (typeof kinds)[number];

/** The values of one JSON type that a schema accepts. A schema is the union of its branches. */
export interface Branch {
  kind: Kind;
  /** True if only integers are accepted. */
  whole: boolean;
  /** The accepted values as canonical JSON, if the schema lists them; null if it does not. */
  values: ReadonlySet<string> | null;
  /** The schema with the keywords that restrict this type. */
  schema: Schema;
}

const kindOf = (value: Json): Kind => {
  const type = typeOf(value);
  return type === 'integer' ? 'number' : type;
};

/** The branches of a schema, with references resolved. */
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
    // checkSchema allows no keyword but `type` beside listed values.
    const values = listed?.filter(
      (one) => kindOf(one) === kind && (!whole || Number.isInteger(one)),
    );
    if (values?.length === 0) return [];
    // A list of every value of the type restricts nothing.
    const isAll = kind === 'null' || (kind === 'boolean' && values?.length === 2);
    return [
      { kind, whole, values: !values || isAll ? null : new Set(values.map(canonical)), schema },
    ];
  });
}
