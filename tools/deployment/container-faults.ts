import { readConfig } from '@casewire/service';

import type { Container } from './container.ts';
import { isOfTelemetry, isSecret, services } from './services.ts';

/** What a secret may be in the end, so that the whole configuration can be held against its schema. */
const sample = (variable: string): string => {
  if (variable.endsWith('_URL')) return 'postgres://user:password@host:5432/database';
  return Buffer.alloc(48, 1).toString('base64');
};

/** What the code has against a container: nothing, where it would start and be reached. */
export function containerFaults(container: Container): string[] {
  const { name, where, command, env, port, probes } = container;
  const service = Object.hasOwn(services, name) ? services[name as keyof typeof services] : null;
  if (!service) return [`${where}: ${name} is no service`];
  const faults: string[] = [];
  const variables = Object.entries(env);
  for (const [variable, value] of variables) {
    const known = Object.hasOwn(service.config.shape, variable) || isOfTelemetry(variable);
    if (!known) faults.push(`${variable} is not known to it`);
    if (isSecret(variable) && 'words' in value) faults.push(`${variable} stands in the file`);
  }
  const given = Object.fromEntries(
    variables.map(([variable, value]) => [
      variable,
      'secret' in value ? sample(value.secret) : value.words,
    ]),
  );
  try {
    readConfig(service.config, given);
  } catch (error) {
    faults.push((error as Error).message);
  }
  const listensOn = Number(given[service.port]);
  if (port !== undefined && port !== listensOn) faults.push(`it does not listen on ${port}`);
  if (probes.length === 0) faults.push('nobody asks how it is');
  for (const probe of probes.filter((one) => one.port !== listensOn))
    faults.push(`it is asked for ${probe.path} on ${probe.port}, where it does not listen`);
  // In a container its own addresses are nobody's who asks from outside.
  if (given.LISTEN_HOST !== '0.0.0.0') faults.push('it cannot be reached from outside');
  const started = ['node', '--import', '#register', `apps/${name}/src/main.ts`];
  if (command.join(' ') !== started.join(' ')) faults.push(`it is started by ${command.join(' ')}`);
  return faults.map((fault) => `${where}: ${name}: ${fault}`);
}
