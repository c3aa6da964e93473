import { setTimeout as delay } from 'node:timers/promises';
import type { ParseArgsConfig } from 'node:util';

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
import { parseOptions } from './options.ts';
import { unsettledLine, unsettledHeader, summary } from './reconciliation-table.ts';
import type { Terminal } from './usage.ts';

export const reconcileUsage = `deliveries reconcile --since TIME [--organization ID] [--json] [--wait SECONDS]
  Checks that every event since TIME is settled at every endpoint that it was matched to, and lists the deliveries that are not.
  --since         events that were ingested since this time: ISO 8601 with an offset, such as 2026-11-27T06:00:00Z
  --organization  only this organization's events
  --json          one JSON document per line: each unsettled delivery, then the summary
  --wait          checks again until everything is settled, for at most so many seconds
  Reads the database in DELIVERY_DATABASE_URL. Without that variable: the database of the platform that npm start runs on
  this machine (data folder: CASEWIRE_DIRECTORY, by default .casewire/platform). Exits with 0 if everything is settled, with 1
  if anything is not, with 2 on wrong usage`;

const Options = z.object({
  since: z.iso
    .datetime({
      offset: true,
      error: 'is required: ISO 8601 with an offset, such as 2026-11-27T06:00:00Z',
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

const optionTypes = {
  since: { type: 'string' },
  organization: { type: 'string' },
  json: { type: 'boolean' },
  wait: { type: 'string' },
} satisfies ParseArgsConfig['options'];

const Environment = z.object({ DELIVERY_DATABASE_URL: settings.databaseUrl });

/**
 * Reconciles events with their deliveries, and prints the result.
 * @returns 0 if everything is settled, else 1
 * @throws WrongUsage with the option, ConfigInvalid with the variable
 */
export async function reconcileDeliveries(
  args: string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const options = parseOptions(args, optionTypes, Options);
  const { DELIVERY_DATABASE_URL } = readConfig(
    Environment,
    withLocalPlatform(env, 'DELIVERY_DATABASE_URL'),
  );
  const client = new Client({
    connectionString: DELIVERY_DATABASE_URL,
    connectionTimeoutMillis: 10_000,
  });
  // A lost connection is reported by the query that it interrupts.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await untilSettled(client, options);
    const reconciliation = await report(client, options, terminal.print);
    return isSettled(reconciliation) ? 0 : 1;
  } finally {
    await client.end().catch(() => undefined);
  }
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

async function report(
  client: Client,
  options: Options,
  print: Terminal['print'],
): Promise<Reconciliation> {
  let listed = 0;
  const list = (delivery: UnsettledDelivery) => {
    if (options.json) print(JSON.stringify(delivery));
    else {
      if (listed++ === 0) print(unsettledHeader);
      print(unsettledLine(delivery));
    }
  };
  const reconciliation = await reconcile(client, { ...scopeOf(options), onUnsettled: list });
  print(
    options.json
      ? JSON.stringify({ ...reconciliation, settled: isSettled(reconciliation) })
      : `${listed > 0 ? '\n' : ''}${summary(reconciliation)}`,
  );
  return reconciliation;
}
