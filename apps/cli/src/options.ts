import { parseArgs, type ParseArgsConfig } from 'node:util';

import type { z } from 'zod';

import { WrongUsage } from './usage.ts';

/**
 * The options of a command.
 * @param types whether an option has a value
 * @throws WrongUsage that names each wrong option and its rule
 */
export function parseOptions<T>(
  args: string[],
  types: NonNullable<ParseArgsConfig['options']>,
  schema: z.ZodType<T>,
): T {
  const parsed = schema.safeParse(valuesOf(args, types));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`);
  throw new WrongUsage(errors.join('\n'));
}

function valuesOf(
  args: string[],
  options: NonNullable<ParseArgsConfig['options']>,
): Record<string, unknown> {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
}
