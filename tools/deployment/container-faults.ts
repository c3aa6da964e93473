import { readConfig } from '@casewire/service';

import type { Container } from './container.ts';
import { isOfTelemetry, isSecret, services } from './services.ts';

/** A valid value for a secret, so that the whole configuration can be checked by its schema. */
const sample = (variable: string): string => {
  if (variable.endsWith('_URL')) return 'postgres://user:password@host:5432/database';
  return Buffer.alloc(48, 1).toString('base64');
};

/** The faults of a container: empty if it would start and be reachable. */
export function containerFaults(container: Container): string[] {
  const { name, where, command, env, port, metricsPort, probes } = container;
  const service = Object.hasOwn(services, name) ? services[name as keyof typeof services] : null;
  if (!service) return [`${where}: ${name} is not a service`];
  const faults: string[] = [];
  const variables = Object.entries(env);
  for (const [variable, value] of variables) {
    const known = Object.hasOwn(service.config.shape, variable) || isOfTelemetry(variable);
    if (!known) faults.push(`${variable} is unknown to it`);
    if (isSecret(variable) && 'text' in value) faults.push(`${variable} is written in the file`);
  }
  const given = Object.fromEntries(
    variables.map(([variable, value]) => [
      variable,
      'secret' in value ? sample(value.secret) : value.text,
    ]),
  );
  try {
    readConfig(service.config, given);
  } catch (error) {
    faults.push((error as Error).message);
  }
  const listensOn = Number(given[service.port]);
  if (port !== undefined && port !== listensOn) faults.push(`it does not listen on ${port}`);
  if (Object.hasOwn(service.config.shape, 'METRICS_PORT') && given.METRICS_PORT === undefined)
    faults.push('it does not serve its metrics');
  if (metricsPort !== (given.METRICS_PORT && Number(given.METRICS_PORT)))
    faults.push(`its metrics are not on ${metricsPort}`);
  if (probes.length === 0) faults.push('it has no probe');
  for (const probe of probes.filter((one) => one.port !== listensOn))
    faults.push(`its probe of ${probe.path} uses port ${probe.port}, on which it does not listen`);
  // In a container, a loopback address cannot be reached from outside.
  if (given.LISTEN_HOST !== '0.0.0.0') faults.push('it cannot be reached from outside');
  const started = ['node', '--import', '#register', `apps/${name}/src/main.ts`];
  if (command.join(' ') !== started.join(' ')) faults.push(`it is started by ${command.join(' ')}`);
  return faults.map((fault) => `${where}: ${name}: ${fault}`);
}
