import { setTimeout as delay } from 'node:timers/promises';
import type { ParseArgsConfig } from 'node:util';

import { readConfig, settings } from '@casewire/service';
import { Client } from 'pg';
import { z } from 'zod';

import { withLocalPlatform } from './local-platform.ts';
import { parseOptions } from './options.ts';
import { disagreementKinds, type Disagreement } from './orders-and-cases/disagreement.ts';
import {
  agree,
  reconcile,
  type Databases,
  type Reconciliation,
} from './orders-and-cases/reconcile.ts';
import type { Terminal } from './usage.ts';

export const reconcileOrdersUsage = `orders reconcile [--json] [--wait SECONDS]
  Checks that orders and cases agree: every task with its case, every case of a verification with its task, and the verifications that
  cases know with those of orders. Lists each disagreement.
  --json  one JSON document per line: each disagreement, then the summary
  --wait  checks again until they agree, for at most so many seconds: events and commands may be under way
  Reads the databases in ORDERS_DATABASE_URL and CASES_DATABASE_URL. Without these variables: the databases of the platform that
  npm start runs on this machine (data folder: CASEWIRE_DIRECTORY, by default .casewire/platform). Exits with 0 if orders and
  cases agree, with 1 if they do not, with 2 on wrong usage`;

const Options = z.object({
  json: z.boolean().default(false),
  wait: z
    .string()
    .regex(/^\d{1,6}$/, 'must be a number of seconds')
    .default('0')
    .transform(Number),
});
type Options = z.infer<typeof Options>;

const optionTypes = {
  json: { type: 'boolean' },
  wait: { type: 'string' },
} satisfies ParseArgsConfig['options'];

const Environment = z.object({
  ORDERS_DATABASE_URL: settings.databaseUrl,
  CASES_DATABASE_URL: settings.databaseUrl,
});

/**
 * Reconciles orders with cases, and prints the result.
 * @returns 0 if they agree, else 1
 * @throws WrongUsage with the option, ConfigInvalid with the variables
 */
export async function reconcileOrders(
  args: string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const options = parseOptions(args, optionTypes, Options);
  const { ORDERS_DATABASE_URL, CASES_DATABASE_URL } = readConfig(
    Environment,
    withLocalPlatform(withLocalPlatform(env, 'ORDERS_DATABASE_URL'), 'CASES_DATABASE_URL'),
  );
  const orders = await connect(ORDERS_DATABASE_URL);
  try {
    const cases = await connect(CASES_DATABASE_URL);
    try {
      const databases = { orders, cases };
      await untilAgreed(databases, options.wait);
      return agree(await report(databases, options, terminal.print)) ? 0 : 1;
    } finally {
      await cases.end().catch(() => undefined);
    }
  } finally {
    await orders.end().catch(() => undefined);
  }
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 10_000 });
  // A lost connection is reported by the query that it interrupts.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function untilAgreed(databases: Databases, wait: number): Promise<void> {
  const end = performance.now() + wait * 1000;
  while (performance.now() < end) {
    if (agree(await reconcile(databases))) return;
    await delay(Math.min(1000, Math.max(0, end - performance.now())));
  }
}

async function report(
  databases: Databases,
  { json }: Options,
  print: Terminal['print'],
): Promise<Reconciliation> {
  let listed = 0;
  const onDisagreement = (found: Disagreement) => {
    if (json) return print(JSON.stringify(found));
    if (listed++ === 0) print(line(['disagreement', 'order', 'verification', 'case', '']));
    print(lineOf(found));
  };
  const reconciliation = await reconcile(databases, { onDisagreement });
  print(
    json
      ? JSON.stringify({ ...reconciliation, agree: agree(reconciliation) })
      : `${listed > 0 ? '\n' : ''}${summary(reconciliation)}`,
  );
  return reconciliation;
}

const widths = [20, 36, 36, 36] as const;
const line = (cells: readonly string[]) =>
  cells
    .map((cell, i) => cell.padEnd(widths[i] ?? 0))
    .join('  ')
    .trimEnd();

const lineOf = ({ kind, orderId, verificationId, caseId, detail }: Disagreement) =>
  line([kind, orderId ?? '-', verificationId, caseId ?? '-', detail]);

function summary(reconciliation: Reconciliation): string {
  const { verifications, tasks, disagreements } = reconciliation;
  const counts = disagreementKinds
    .filter((kind) => disagreements[kind] > 0)
    .map((kind) => `${kind} ${disagreements[kind]}`);
  const conclusion =
    counts.length === 0
      ? 'orders and cases agree'
      : `orders and cases do not agree: ${counts.join(', ')}`;
  return `${verifications} verifications, ${tasks} tasks\n${conclusion}`;
}
