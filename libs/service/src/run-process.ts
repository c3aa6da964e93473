import { createLogger } from '@casewire/telemetry';

import { endProcess } from './end-process.ts';
import { errorLine } from './error-line.ts';

export interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Runs a program as this process: it stops on SIGTERM and SIGINT, and reports in one line why it cannot start. An unhandled
 * exception or rejection is logged and ends the process, because the state of the process is unknown after it.
 */
export async function runProcess(
  name: string,
  start: (env: NodeJS.ProcessEnv) => Promise<Stoppable>,
): Promise<void> {
  const logger = createLogger(name, 'error');
  process.on('uncaughtException', (error, origin) => {
    logger.error({ event: 'process.failed', origin, error });
    endProcess(1);
  });
  const service = await start(process.env).catch((error: unknown) => {
    process.stderr.write(`${errorLine(error)}\n`);
    endProcess(1);
  });
  const stop = () => void service.stop().then(() => endProcess(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
