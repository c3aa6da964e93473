import { caseViewProjection } from '@casewire/cases/views';
import type { DomainEvent } from '@casewire/event-sourcing';
import { orderViewProjection } from '@casewire/orders/views';
import { ConfigInvalid } from '@casewire/service';

import { rebuildUsage, rebuildViews, type ReadModel } from './rebuild-views.ts';
import { reconcileDeliveries, reconcileUsage } from './reconcile-deliveries.ts';
import { reconcileOrders, reconcileOrdersUsage } from './reconcile-orders.ts';
import { WrongUsage, type Terminal } from './usage.ts';

type Command = (args: string[], env: NodeJS.ProcessEnv, terminal: Terminal) => Promise<number>;

const caseViews = {
  things: 'cases',
  variable: 'CASES_DATABASE_URL',
  projection: caseViewProjection,
  schema: 'rebuilt_case_views',
} as const;

const orderViews = {
  things: 'orders',
  variable: 'ORDERS_DATABASE_URL',
  projection: orderViewProjection,
  schema: 'rebuilt_order_views',
} as const;

const rebuildOf =
  <E extends DomainEvent>(model: ReadModel<E>): Command =>
  (args, env, terminal) =>
    rebuildViews(model, args, env, terminal);

const commands: Record<string, Command> = {
  'cases rebuild': rebuildOf(caseViews),
  'orders rebuild': rebuildOf(orderViews),
  'orders reconcile': reconcileOrders,
  'deliveries reconcile': reconcileDeliveries,
};

const usage = [
  'usage: npm run casewire -- <command>',
  rebuildUsage(caseViews),
  rebuildUsage(orderViews),
  reconcileOrdersUsage,
  reconcileUsage,
].join('\n\n');

/**
 * Runs a command.
 * @returns the exit code: 2 on wrong usage or an error, else that of the command
 */
export async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const [topic = '', verb = '', ...rest] = args;
  const command = commands[`${topic} ${verb}`];
  if (!command) {
    terminal.error(usage);
    return 2;
  }
  try {
    return await command(rest, env, terminal);
  } catch (error) {
    const isUsage = error instanceof WrongUsage || error instanceof ConfigInvalid;
    const message = messageOf(error);
    terminal.error(isUsage ? `${message}\n\n${usage}` : message);
    return 2;
  }
}

/** If all addresses of a host refuse the connection, the error is an AggregateError without a message. */
const messageOf = (error: unknown): string =>
  error instanceof AggregateError && error.message === ''
    ? error.errors.map(messageOf).join('; ')
    : error instanceof Error
      ? error.message
      : String(error);
