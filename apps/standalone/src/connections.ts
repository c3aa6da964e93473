import { join } from 'node:path';

import type { DevelopmentAccount } from './development-account.ts';
import { writePrivateFile } from './private-file.ts';
import { databases, type ServiceDependencies } from './service-env.ts';

export const connectionsFile = 'connections.json';

export interface ConnectionsOptions {
  directory: string;
  url: string;
  /** The URL of the metrics; undefined if it is not known here. */
  metricsUrl: string | undefined;
  dependencies: ServiceDependencies;
  account: DevelopmentAccount;
}

/** Writes the addresses and keys of the platform and the URLs of its databases to a file in its data folder, for the command line. */
export function writeConnections({
  directory,
  url,
  metricsUrl,
  dependencies,
  account,
}: ConnectionsOptions): void {
  const connections = {
    url,
    kafka: dependencies.brokers,
    ...(metricsUrl !== undefined && { metrics: metricsUrl }),
    operatorKey: dependencies.keys.operator,
    organizationId: account.organizationId,
    apiKey: account.apiKey,
    databases: Object.fromEntries(databases.map((name) => [name, dependencies.databaseUrl(name)])),
  };
  writePrivateFile(join(directory, connectionsFile), `${JSON.stringify(connections, null, 2)}\n`);
}

/** The text that is printed when the platform is running: its addresses and keys. */
export const startMessage = ({
  directory,
  url,
  metricsUrl,
  dependencies,
  account,
}: ConnectionsOptions) =>
  [
    '',
    `Casewire runs at ${url}`,
    `  API docs        ${url}/partner/v1/docs`,
    `  Kafka           ${dependencies.brokers}`,
    ...(metricsUrl === undefined ? [] : [`  Metrics         ${metricsUrl}`]),
    `  API key         ${account.apiKey}`,
    `  Operator key    ${dependencies.keys.operator}`,
    `  Connections     kept in ${join(directory, connectionsFile)}, those of the databases too`,
    '',
    '',
  ].join('\n');
