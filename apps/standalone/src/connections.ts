import { join } from 'node:path';

import type { DevelopmentAccount } from './development-account.ts';
import { writePrivateFile } from './private-file.ts';
import { databases, type ServiceSurroundings } from './service-env.ts';

export const connectionsFile = 'connections.json';

export interface ConnectionsOptions {
  directory: string;
  url: string;
  surroundings: ServiceSurroundings;
  account: DevelopmentAccount;
}

/** Keeps how to reach the platform and its databases in a file of its data folder, for the command line. */
export function writeConnections({
  directory,
  url,
  surroundings,
  account,
}: ConnectionsOptions): void {
  const connections = {
    url,
    kafka: surroundings.brokers,
    operatorKey: surroundings.keys.operator,
    organizationId: account.organizationId,
    apiKey: account.apiKey,
    databases: Object.fromEntries(databases.map((name) => [name, surroundings.databaseUrl(name)])),
  };
  writePrivateFile(join(directory, connectionsFile), `${JSON.stringify(connections, null, 2)}\n`);
}

/** What is printed when the platform runs: where it is, and what to use it with. */
export const announcement = ({ directory, url, surroundings, account }: ConnectionsOptions) =>
  [
    '',
    `Casewire runs at ${url}`,
    `  API docs        ${url}/partner/v1/docs`,
    `  Kafka           ${surroundings.brokers}`,
    `  API key         ${account.apiKey}`,
    `  Operator key    ${surroundings.keys.operator}`,
    `  Connections     kept in ${join(directory, connectionsFile)}, those of the databases too`,
    '',
    '',
  ].join('\n');
