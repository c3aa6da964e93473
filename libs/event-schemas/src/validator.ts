import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { LinearMatcher } from './pattern/linear-matcher.ts';
import type { Fault, Schema } from './schema.ts';

/** The fault of a value, by one schema; null where it has none. */
export type Validate = (value: unknown) => Fault | null;

const matcher = Object.assign((source: string) => new LinearMatcher(source), {
  // How the expression would be written into code that is generated to be kept; ours is not kept.
  code: 'undefined',
});

/**
 * Makes a validator of a schema that checkSchema has passed. Patterns run on a matcher that takes time in proportion to the
 * text; formats are asserted; nothing is coerced, filled in or removed.
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
      reason: [first?.message ?? 'does not follow the schema', detail(first?.params)]
        .filter(Boolean)
        .join(': '),
    };
  };
}

/** What a message of the validator leaves out. */
function detail(params: Record<string, unknown> | undefined): string {
  const { additionalProperty, allowedValues, allowedValue } = params ?? {};
  const told = additionalProperty ?? allowedValues ?? allowedValue;
  return told === undefined ? '' : JSON.stringify(told).slice(0, 200);
}
