import { once } from 'node:events';
import { createServer } from 'node:net';

import { ConfigInvalid } from '@casewire/service';

import type { PlatformSettings } from './settings.ts';

/**
 * Checks that ports are available, before anything is started that would have to be stopped again.
 * @param ports the port of each variable; 0 stands for any free one
 * @throws ConfigInvalid naming every variable whose port is in use or not permitted
 */
export async function checkPorts(ports: Record<string, number>, host: string): Promise<void> {
  const faults: string[] = [];
  for (const [name, port] of Object.entries(ports)) {
    const fault = port === 0 ? null : await faultOf(port, host);
    if (fault) faults.push(`  ${name}: port ${port} ${fault}; set ${name} to another one`);
  }
  if (faults.length > 0)
    throw new ConfigInvalid(`the configuration is not usable:\n${faults.join('\n')}`);
}

/** Checks the ports of the platform. @throws ConfigInvalid */
export async function checkPlatformPorts(settings: PlatformSettings): Promise<void> {
  const { PORT, KAFKA_PORT, POSTGRES_PORT, METRICS_PORT, KAFKA_BROKERS, LISTEN_HOST } = settings;
  await checkPorts({ PORT }, LISTEN_HOST);
  const local = {
    ...(KAFKA_BROKERS === undefined && { KAFKA_PORT }),
    POSTGRES_PORT,
    METRICS_PORT,
  };
  await checkPorts(local, '127.0.0.1');
}

async function faultOf(port: number, host: string): Promise<string | null> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
    probe.close();
    await once(probe, 'close');
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`;
  }
}
