import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { connectionsFile } from '@casewire/standalone/connections';
import { z } from 'zod';

const Connections = z.object({ databases: z.object({ casewire_delivery: z.string() }) });

/** The environment, with the database of the platform on this machine if DELIVERY_DATABASE_URL is not set. */
export function withLocalPlatform(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env.DELIVERY_DATABASE_URL) return env;
  const file = join(env.CASEWIRE_DIRECTORY || '.casewire/platform', connectionsFile);
  if (!existsSync(file)) return env;
  const { databases } = Connections.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { ...env, DELIVERY_DATABASE_URL: databases.casewire_delivery };
}
