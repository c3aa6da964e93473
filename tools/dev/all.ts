import 'reflect-metadata';
import { once } from 'node:events';

import type { Stoppable } from '@casewire/service';

import { startGateway } from '../../apps/standalone/src/gateway.ts';
import { startInfrastructure } from '../../apps/standalone/src/infrastructure.ts';
import { serviceEnv } from '../../apps/standalone/src/service-env.ts';
import { ServiceProcesses } from './service-processes.ts';

/** One process per service, on embedded PostgreSQL and an embedded Kafka broker, behind one origin. */
const directory = process.env.CASEWIRE_DIRECTORY ?? '.casewire/platform';
const say = (line: string) => void process.stdout.write(`${line}\n`);

// Asked once, everything is stopped in order; asked again, this process ends at once, and the others with it.
const ending = new AbortController();
const { signal } = ending;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => ending.abort());

const running: Stoppable[] = [];
try {
  const infrastructure = await startInfrastructure({ directory });
  running.push(infrastructure);
  signal.throwIfAborted();
  const env = serviceEnv(infrastructure.surroundings);
  const services = new ServiceProcesses(env, say);
  running.push(services);
  // Also those that are still about to start: the start ends with them.
  signal.addEventListener('abort', () => void services.stop());
  await services.start();
  signal.throwIfAborted();
  const port = Number(process.env.PORT ?? 3000);
  const gateway = await startGateway(services.routes, port, () => 'Casewire\n');
  running.push(gateway);
  say(
    `\nCasewire runs at ${gateway.url}, one process per service; operator key ${env.OPERATOR_KEY}\n`,
  );
  if (!signal.aborted) await once(signal, 'abort');
} catch (error) {
  if (!signal.aborted) {
    process.exitCode = 1;
    process.stderr.write(`Casewire does not start. ${(error as Error).message}\n`);
  }
}
for (const part of running.toReversed()) {
  await part.stop().catch((error: unknown) => {
    process.exitCode = 1;
    process.stderr.write(`${String((error as Error).stack)}\n`);
  });
}
say('Casewire has stopped.');
process.exit();
