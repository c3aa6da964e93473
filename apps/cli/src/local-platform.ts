import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { connectionsFile } from '@casewire/standalone/connections';
import { z } from 'zod';

/** Of an earlier version the file may lack a database. */
const Connections = z.object({ databases: z.record(z.string(), z.string()) });

/** The variable of a service's database, and the name of that database on this machine. */
const databases = {
  CASES_DATABASE_URL: 'casewire_cases',
  DELIVERY_DATABASE_URL: 'casewire_delivery',
  ORDERS_DATABASE_URL: 'casewire_orders',
} as const;

export type DatabaseVariable = keyof typeof databases;

/** The environment, with the database of the platform on this machine if the variable is not set. */
export function withLocalPlatform(
  env: NodeJS.ProcessEnv,
  variable: DatabaseVariable,
): NodeJS.ProcessEnv {
  if (env[variable]) return env;
  const file = join(env.CASEWIRE_DIRECTORY || '.casewire/platform', connectionsFile);
  if (!existsSync(file)) return env;
  const connections = Connections.parse(JSON.parse(readFileSync(file, 'utf8')));
  const url = connections.databases[databases[variable]];
  return url === undefined ? env : { ...env, [variable]: url };
}
