import type { Branch } from './branches.ts';

export interface Bound {
  name: string;
  /** Infinite if there is no bound. */
  value: number;
  /** True if the bound itself is not allowed. */
  excluded: boolean;
}

const included = (name: string, value: number): Bound => ({ name, value, excluded: false });

/** The bounds of a branch in a normal form: two branches with the same meaning have equal bounds. */
export function boundsOf({ kind, whole, schema }: Branch): Bound[] {
  switch (kind) {
    case 'string':
      return [
        included('minLength', schema.minLength ?? 0),
        included('maxLength', schema.maxLength ?? Infinity),
      ];
    case 'array':
      return [
        included('minItems', schema.minItems ?? 0),
        included('maxItems', schema.maxItems ?? Infinity),
      ];
    case 'number':
      return [lowest(schema, whole), highest(schema, whole)];
    case 'null':
    case 'boolean':
    case 'object':
      return [];
  }
}

function lowest(
  { minimum = -Infinity, exclusiveMinimum = -Infinity }: Branch['schema'],
  whole: boolean,
): Bound {
  const excluded = exclusiveMinimum >= minimum && Number.isFinite(exclusiveMinimum);
  const value = excluded ? exclusiveMinimum : minimum;
  if (!whole) return { name: 'minimum', value, excluded };
  // Beyond the safe integers, `value + 1` may equal `value`.
  if (excluded && Number.isInteger(value) && !Number.isSafeInteger(value + 1))
    return { name: 'minimum', value, excluded };
  const first = excluded && Number.isInteger(value) ? value + 1 : Math.ceil(value);
  return included('minimum', first);
}

function highest(
  { maximum = Infinity, exclusiveMaximum = Infinity }: Branch['schema'],
  whole: boolean,
): Bound {
  const excluded = exclusiveMaximum <= maximum && Number.isFinite(exclusiveMaximum);
  const value = excluded ? exclusiveMaximum : maximum;
  if (!whole) return { name: 'maximum', value, excluded };
  if (excluded && Number.isInteger(value) && !Number.isSafeInteger(value - 1))
    return { name: 'maximum', value, excluded };
  const last = excluded && Number.isInteger(value) ? value - 1 : Math.floor(value);
  return included('maximum', last);
}
