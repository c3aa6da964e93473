import type { ParseArgsConfig } from 'node:util';

import { rebuild, type DomainEvent, type Projection, type Rebuilt } from '@casewire/event-sourcing';
import { readConfig, settings } from '@casewire/service';
import { Pool } from 'pg';
import { z } from 'zod';

import { withCommandLock } from './command-lock.ts';
import { withLocalPlatform, type DatabaseVariable } from './local-platform.ts';
import { parseOptions } from './options.ts';
import type { Terminal } from './usage.ts';

/** A read model that a command rebuilds. */
export interface ReadModel<E extends DomainEvent> {
  /** What its streams are, in the plural: also the first word of the command. */
  things: string;
  /** The environment variable of its database. */
  variable: DatabaseVariable;
  projection: Projection<E>;
  /** The schema of the rebuilt tables; also the name of the lock. */
  schema: string;
}

type Described = Pick<ReadModel<DomainEvent>, 'things' | 'variable'>;

export const rebuildUsage = ({ things, variable }: Described): string =>
  `${things} rebuild [--replace] [--json]
  Rebuilds the read model of ${things} from their domain events, beside the one in use, and compares both. The service may run meanwhile.
  --replace  replaces the read model in use by the rebuilt one
  --json     the result as one JSON document
  Reads the database in ${variable}. Without that variable: the database of the platform that npm start runs on this
  machine (data folder: CASEWIRE_DIRECTORY, by default .casewire/platform). Exits with 0 if the read model is as the domain
  events say or was replaced, with 1 if it differs and was not replaced, with 2 on wrong usage`;

const Options = z.object({
  replace: z.boolean().default(false),
  json: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

const optionTypes = {
  replace: { type: 'boolean' },
  json: { type: 'boolean' },
} satisfies ParseArgsConfig['options'];

/**
 * Rebuilds a read model, and prints how the one in use differs.
 * @returns 0 if it does not differ or was replaced, else 1
 * @throws WrongUsage with the option, ConfigInvalid with the variable, AlreadyRuns
 */
export async function rebuildViews<E extends DomainEvent>(
  { things, variable, projection, schema }: ReadModel<E>,
  args: string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const options = parseOptions(args, optionTypes, Options);
  const config = readConfig(
    z.object({ [variable]: settings.databaseUrl }),
    withLocalPlatform(env, variable),
  );
  const pool = new Pool({ connectionString: config[variable], connectionTimeoutMillis: 10_000 });
  // A lost connection is reported by the query that it interrupts.
  pool.on('error', () => undefined);
  try {
    const { replace } = options;
    const rebuilt = await withCommandLock(pool, schema, async () => {
      // A rebuild that was ended by a signal leaves its tables.
      await pool.query(`drop schema if exists ${schema} cascade`);
      return rebuild(pool, projection, { replace, schema });
    });
    terminal.print(report(things, rebuilt, options));
    return replace || rebuilt.differences.length === 0 ? 0 : 1;
  } finally {
    await pool.end().catch(() => undefined);
  }
}

function report(things: string, rebuilt: Rebuilt, { replace, json }: Options): string {
  const { streams, events, differences } = rebuilt;
  if (json) return JSON.stringify({ ...rebuilt, replaced: replace });
  const line = (table: string, missing: string, unexpected: string) =>
    `${table.padEnd(25)}  ${missing.padStart(9)}  ${unexpected.padStart(10)}`;
  const table = [
    '',
    line('', 'missing', 'unexpected'),
    ...differences.map((one) => line(one.table, `${one.missing}`, `${one.unexpected}`)),
    '',
  ];
  return [
    `${streams} ${things} with ${events} domain events`,
    ...(differences.length > 0 ? table : ['']),
    conclusion(differences.length > 0, replace),
  ].join('\n');
}

function conclusion(differs: boolean, replaced: boolean): string {
  if (!differs) return 'the read model is as the domain events say';
  return replaced
    ? 'the read model was not as the domain events say, and was replaced'
    : 'the read model is not as the domain events say; --replace replaces it';
}
