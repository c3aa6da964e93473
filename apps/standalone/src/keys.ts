import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { writePrivateFile } from './private-file.ts';

const Keys = z.object({ pepper: z.string(), sealing: z.string(), operator: z.string() });

/** The keys of a platform on one machine: generated at the first start, stored in the data folder, readable by its owner only. */
export type Keys = z.infer<typeof Keys>;

export function platformKeys(directory: string): Keys {
  const file = join(directory, 'keys.json');
  if (existsSync(file)) return Keys.parse(JSON.parse(readFileSync(file, 'utf8')));
  const key = () => randomBytes(32).toString('base64');
  const keys = {
    pepper: key(),
    sealing: key(),
    operator: `cw_operator_${randomBytes(32).toString('hex')}`,
  };
  mkdirSync(directory, { recursive: true });
  writePrivateFile(file, JSON.stringify(keys));
  return keys;
}
