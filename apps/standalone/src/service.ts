import { randomUUID } from 'node:crypto';

import { OperatorClient } from '@casewire/client';
import { readConfig, settings, type Stoppable } from '@casewire/service';
import { z } from 'zod';

import { startPlatform } from './platform.ts';

const StandaloneConfig = z.object({
  CASEWIRE_DIRECTORY: z.string().default('.casewire/platform'),
  PORT: settings.port.default(3000),
  LOG_LEVEL: settings.logLevel,
});

/** Runs the platform, and prints where it is and a key to use it with. */
export async function start(env: NodeJS.ProcessEnv): Promise<Stoppable> {
  const config = readConfig(StandaloneConfig, env);
  const platform = await startPlatform({
    directory: config.CASEWIRE_DIRECTORY,
    port: config.PORT,
    env: { LOG_LEVEL: config.LOG_LEVEL },
  });
  const operator = new OperatorClient(platform.url, platform.operatorKey);
  const organization = await operator.createOrganization({
    name: `Development ${randomUUID().slice(0, 8)}`,
    egress: { allow: ['127.0.0.0/8', '::1/128', 'localhost'], plainHttp: true },
  });
  const { key } = await operator.createApiKey(organization.id, { environment: 'sandbox' });
  process.stdout.write(
    [
      '',
      `Casewire runs at ${platform.url}`,
      `  API docs        ${platform.url}/partner/v1/docs`,
      `  Kafka           ${platform.brokers}`,
      `  API key         ${key}`,
      `  Operator key    ${platform.operatorKey}`,
      '',
      '',
    ].join('\n'),
  );
  return platform;
}
