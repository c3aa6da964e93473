import { ConfigInvalid } from '@casewire/service';

import { reconcileDeliveries, reconcileUsage } from './reconcile-deliveries.ts';
import { WrongUsage, type Terminal } from './usage.ts';

type Command = (args: string[], env: NodeJS.ProcessEnv, terminal: Terminal) => Promise<number>;

const commands: Record<string, Command> = { 'deliveries reconcile': reconcileDeliveries };

const usage = `usage: npm run casewire -- <command>\n\n${reconcileUsage}`;

/**
 * Runs a command.
 * @returns the exit code: 2 where it was called wrongly or could not do its work, else the command's own
 */
export async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const [topic = '', verb = '', ...rest] = args;
  const command = commands[`${topic} ${verb}`];
  if (!command) {
    terminal.complain(usage);
    return 2;
  }
  try {
    return await command(rest, env, terminal);
  } catch (error) {
    const isUsage = error instanceof WrongUsage || error instanceof ConfigInvalid;
    const message = messageOf(error);
    terminal.complain(isUsage ? `${message}\n\n${usage}` : message);
    return 2;
  }
}

/** Several addresses that all refuse come together, without a message of their own. */
const messageOf = (error: unknown): string =>
  error instanceof AggregateError && error.message === ''
    ? error.errors.map(messageOf).join('; ')
    : error instanceof Error
      ? error.message
      : String(error);
