import 'reflect-metadata';
import { once } from 'node:events';

import { endProcess, errorLine, type Stoppable } from '@casewire/service';
import { startMessage, writeConnections } from '@casewire/standalone';
import { developmentAccount } from '@casewire/standalone';
import { startGateway } from '@casewire/standalone';
import { startInfrastructure } from '@casewire/standalone';
import { checkPlatformPorts } from '@casewire/standalone';
import { serviceEnv } from '@casewire/standalone';
import { readPlatformSettings } from '@casewire/standalone';

import { ServiceProcesses } from './service-processes.ts';

/** Runs one process per service, on embedded PostgreSQL and an embedded Kafka broker, behind one origin. */
const print = (line: string) => void process.stdout.write(`${line}\n`);

// The first signal stops everything in order; the second one ends this process at once, and the others with it.
const ending = new AbortController();
const { signal } = ending;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => ending.abort());

const running: Stoppable[] = [];
try {
  const settings = readPlatformSettings(process.env);
  const { CASEWIRE_DIRECTORY: directory, PORT: port, LISTEN_HOST: host } = settings;
  await checkPlatformPorts(settings);
  const infrastructure = await startInfrastructure({
    directory,
    ports: { kafka: settings.KAFKA_PORT, postgres: settings.POSTGRES_PORT },
    ...(settings.KAFKA_BROKERS && { brokers: settings.KAFKA_BROKERS.join(',') }),
  });
  running.push(infrastructure);
  signal.throwIfAborted();
  const { dependencies } = infrastructure;
  const metricsPort = settings.METRICS_PORT;
  const env = serviceEnv(dependencies, {
    ...settings.services,
    METRICS_PORT: String(metricsPort),
  });
  const services = new ServiceProcesses(env, print, settings.LOG_LEVEL);
  running.push(services);
  // This also stops services that are still starting, and start() then rejects.
  signal.addEventListener('abort', () => void services.stop());
  await services.start();
  signal.throwIfAborted();
  const gateway = await startGateway(services.routes, port, undefined, host);
  running.push(gateway);
  const { url } = gateway;
  const account = await developmentAccount(url, dependencies.keys.operator, directory);
  // A free port is another one after each start of the service.
  const metricsUrl = metricsPort === 0 ? undefined : `http://127.0.0.1:${metricsPort}/metrics`;
  const connections = { directory, url, metricsUrl, dependencies, account };
  writeConnections(connections);
  print(startMessage(connections));
  if (!signal.aborted) await once(signal, 'abort');
} catch (error) {
  if (!signal.aborted) {
    process.exitCode = 1;
    process.stderr.write(`Casewire does not start. ${errorLine(error)}\n`);
  }
}
for (const part of running.toReversed()) {
  await part.stop().catch((error: unknown) => {
    process.exitCode = 1;
    process.stderr.write(`${errorLine(error)}\n`);
  });
}
print('Casewire has stopped.');
endProcess(Number(process.exitCode ?? 0));
