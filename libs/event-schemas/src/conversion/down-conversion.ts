import { shown } from '../check-schema.ts';
import type { Json, Schema } from '../schema.ts';
import { compileSchema } from '../validator.ts';
import { valuesOf } from '../values.ts';
import type { Converter } from './converter.ts';

export interface Version {
  schema: Schema;
  sample: Json;
  /** JSONata: makes this version's data into the version before's. */
  downConversion: string;
}

export type DownConversionChecked =
  | { ok: true; values: number }
  | { ok: false; value: Json; path: string; reason: string };

const generated = 200;
/** For all values together. */
const patienceMs = 5_000;

/**
 * Whether a down-conversion makes what the version before takes: of the sample, and of 200 values that are made from the
 * version's schema by the seed.
 * @returns the first value for which it does not, with the place in what came out of it
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
    if (now() - started > patienceMs)
      return failed(
        '',
        `the conversions of ${values.length} values take more than ${patienceMs} ms`,
      );
    const converted = await converter.convert(version.downConversion, value);
    if (!converted.ok) return failed('', converted.reason);
    const fault = validate(converted.data);
    if (fault)
      return failed(fault.path, `${fault.reason}; it was made into ${shown(converted.data)}`);
  }
  return { ok: true, values: values.length };
}
