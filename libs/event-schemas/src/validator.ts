import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { LinearMatcher } from './pattern/linear-matcher.ts';
import type { Fault, Schema } from './schema.ts';

/** Gives the first fault of a value; null if the value is valid. */
export type Validate = (value: unknown) => Fault | null;

const matcher = Object.assign((source: string) => new LinearMatcher(source), {
  // The source text for standalone code, which is not generated here.
  code: 'undefined',
});

/**
 * Compiles a schema that checkSchema accepts. Patterns are matched in linear time; formats are checked; values are not coerced,
 * completed or reduced.
 */
export function compileSchema({ $id: _id, ...schema }: Schema): Validate {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, code: { regExp: matcher } });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => {
    try {
      if (validate(value)) return null;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { path: '', reason: 'is nested too deeply' };
    }
    const [first] = validate.errors ?? [];
    return {
      path: first?.instancePath ?? '',
      reason: [first?.message ?? 'does not match the schema', detail(first?.params)]
        .filter(Boolean)
        .join(': '),
    };
  };
}

/** The details that the validator's message does not have. */
function detail(params: Record<string, unknown> | undefined): string {
  const { additionalProperty, allowedValues, allowedValue } = params ?? {};
  const value = additionalProperty ?? allowedValues ?? allowedValue;
  return value === undefined ? '' : JSON.stringify(value).slice(0, 200);
}
