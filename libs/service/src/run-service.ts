import { ConfigInvalid } from './config.ts';

export interface Stoppable {
  stop(): Promise<void>;
}

/** Starts a service as a process of its own: it stops on SIGTERM and SIGINT, and says in one line why it cannot start. */
export async function runService(
  start: (env: NodeJS.ProcessEnv) => Promise<Stoppable>,
): Promise<void> {
  const service = await start(process.env).catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof ConfigInvalid ? error.message : String((error as Error).stack)}\n`,
    );
    process.exit(1);
  });
  const stop = () => void service.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
