import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';

import { readConfig, settings } from '@casewire/service';
import {
  isSettled,
  reconcile,
  type UnsettledDelivery,
  type Reconciliation,
} from '@casewire/webhook-delivery/reconciler';
import { Client } from 'pg';
import { z } from 'zod';

import { withLocalPlatform } from './local-platform.ts';
import { unsettledLine, unsettledHeader, summary } from './reconciliation-table.ts';
import { WrongUsage, type Terminal } from './usage.ts';

export const reconcileUsage = `deliveries reconcile --since TIME [--organization ID] [--json] [--wait SECONDS]
  Shows for every event since TIME and every endpoint that it was matched to its terminal state, and lists what has none.
  --since         ISO 8601 with an offset, such as 2026-11-27T06:00:00Z: from when on delivery took the events in
  --organization  only this organization's events
  --json          one JSON document a line: what is listed, then the summary
  --wait          looks again until everything has a terminal state, for so many seconds at most
  reads DELIVERY_DATABASE_URL, or without it the database of the platform that npm start runs on this machine, from its
  data folder (CASEWIRE_DIRECTORY, .casewire/platform); exits 0 when everything has a terminal state, 1 when anything has none, 2 on wrong usage`;

const Options = z.object({
  since: z.iso
    .datetime({
      offset: true,
      error: 'is needed: ISO 8601 with an offset, such as 2026-11-27T06:00:00Z',
    })
    .transform((text) => new Date(text)),
  organization: z.uuid({ error: 'must be the id of an organization, a UUID' }).optional(),
  json: z.boolean().default(false),
  wait: z
    .string()
    .regex(/^\d{1,6}$/, 'must be a number of seconds')
    .default('0')
    .transform(Number),
});
type Options = z.infer<typeof Options>;

const Environment = z.object({ DELIVERY_DATABASE_URL: settings.databaseUrl });

/**
 * Reconciles events with their deliveries, and prints what came of it.
 * @returns 0 where everything has a terminal state, else 1
 * @throws WrongUsage that names the option, ConfigInvalid that names the variable
 */
export async function reconcileDeliveries(
  args: string[],
  env: NodeJS.ProcessEnv,
  { say }: Terminal,
): Promise<number> {
  const options = parseOptions(args);
  const { DELIVERY_DATABASE_URL } = readConfig(Environment, withLocalPlatform(env));
  const client = new Client({
    connectionString: DELIVERY_DATABASE_URL,
    connectionTimeoutMillis: 10_000,
  });
  // What breaks is said by the query that it breaks.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await untilSettled(client, options);
    const report = await print(client, options, say);
    return isSettled(report) ? 0 : 1;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const known = {
  since: { type: 'string' },
  organization: { type: 'string' },
  json: { type: 'boolean' },
  wait: { type: 'string' },
} satisfies ParseArgsConfig['options'];

function parseOptions(args: string[]): Options {
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({ args, options: known }));
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`);
  throw new WrongUsage(faults.join('\n'));
}

async function untilSettled(client: Client, { wait, ...options }: Options): Promise<void> {
  const end = performance.now() + wait * 1000;
  while (performance.now() < end) {
    if (isSettled(await reconcile(client, scopeOf(options)))) return;
    await delay(Math.min(1000, Math.max(0, end - performance.now())));
  }
}

const scopeOf = ({ since, organization }: Pick<Options, 'since' | 'organization'>) => ({
  since,
  organizationId: organization,
});

async function print(
  client: Client,
  options: Options,
  say: Terminal['say'],
): Promise<Reconciliation> {
  let listed = 0;
  const list = (finding: UnsettledDelivery) => {
    if (options.json) say(JSON.stringify(finding));
    else {
      if (listed++ === 0) say(unsettledHeader);
      say(unsettledLine(finding));
    }
  };
  const report = await reconcile(client, { ...scopeOf(options), onUnsettled: list });
  say(
    options.json
      ? JSON.stringify({ ...report, settled: isSettled(report) })
      : `${listed > 0 ? '\n' : ''}${summary(report)}`,
  );
  return report;
}
