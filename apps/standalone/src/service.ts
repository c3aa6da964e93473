import type { Stoppable } from '@casewire/service';

import { startMessage, writeConnections } from './connections.ts';
import { developmentAccount } from './development-account.ts';
import { startPlatform } from './platform.ts';
import { checkPlatformPorts } from './ports.ts';
import { readPlatformSettings } from './settings.ts';

/** Runs the platform in this process, and prints its addresses and keys. */
export async function start(env: NodeJS.ProcessEnv): Promise<Stoppable> {
  const settings = readPlatformSettings(env);
  const { CASEWIRE_DIRECTORY: directory, PORT: port, LISTEN_HOST: host } = settings;
  const ports = { kafka: settings.KAFKA_PORT, postgres: settings.POSTGRES_PORT };
  await checkPlatformPorts(settings);
  const platform = await startPlatform({
    directory,
    port,
    host,
    ports,
    ...(settings.KAFKA_BROKERS && { brokers: settings.KAFKA_BROKERS.join(',') }),
    env: {
      ...settings.services,
      METRICS_PORT: String(settings.METRICS_PORT),
      LOG_LEVEL: settings.LOG_LEVEL,
    },
  });
  try {
    const { url, dependencies, delivery } = platform;
    const account = await developmentAccount(url, platform.operatorKey, directory);
    const { metricsUrl } = delivery;
    const connections = { directory, url, metricsUrl, dependencies, account };
    writeConnections(connections);
    process.stdout.write(startMessage(connections));
    return platform;
  } catch (error) {
    await platform.stop();
    throw error;
  }
}
