import { shown, type Json, type Schema } from '../schema.ts';
import { compileSchema } from '../validator.ts';
import { valuesOf } from '../values.ts';
import type { Converter } from './converter.ts';

export interface Version {
  schema: Schema;
  sample: Json;
  /** JSONata that converts data of this version into data of the version before. */
  downConversion: string;
}

export type DownConversionChecked =
  | { ok: true; values: number }
  | { ok: false; value: Json; path: string; reason: string };

const generated = 200;
/** For all values together, in milliseconds. */
const timeLimitMs = 5_000;

/**
 * Checks that a down-conversion gives valid data of the version before, for the sample and for 200 values that are generated from
 * the version's schema and the seed.
 * @returns the first value for which it does not, with the path in its result
 */
export async function checkDownConversion(
  version: Version,
  before: { schema: Schema },
  converter: Pick<Converter, 'convert'>,
  { seed = 1, now = () => performance.now() } = {},
): Promise<DownConversionChecked> {
  const validate = compileSchema(before.schema);
  const started = now();
  const values = [version.sample, ...valuesOf(version.schema, seed, generated)];
  for (const value of values) {
    const failed = (path: string, reason: string) => ({ ok: false as const, value, path, reason });
    if (now() - started > timeLimitMs)
      return failed(
        '',
        `the conversions of ${values.length} values take more than ${timeLimitMs} ms`,
      );
    const converted = await converter.convert(version.downConversion, value);
    if (!converted.ok) return failed('', converted.reason);
    const fault = validate(converted.data);
    if (fault) return failed(fault.path, `${fault.reason}; the result is ${shown(converted.data)}`);
  }
  return { ok: true, values: values.length };
}
