import { parse } from 'yaml';

import type { Container, Probe, Value } from './container.ts';

/** The checked part of a compose file. */
export interface Compose {
  services: Record<
    string,
    {
      command?: string[];
      environment?: Record<string, string | number>;
      ports?: string[];
      healthcheck?: { test?: string[] };
      build?: unknown;
    }
  >;
}

export const readCompose = (text: string): Compose => parse(text, { merge: true }) as Compose;

/** The containers of Casewire's services, which are built; the others are PostgreSQL and Kafka. */
export function composeContainers({ services }: Compose): Container[] {
  return Object.entries(services)
    .filter(([, { build }]) => build !== undefined)
    .map(([name, { command = [], environment = {}, ports, healthcheck }]) => ({
      name,
      where: 'compose',
      command,
      env: Object.fromEntries(
        Object.entries(environment).map(([key, value]) => [key, valueOf(key, String(value))]),
      ),
      port: portOf(ports?.[0]),
      metricsPort: portOf(ports?.[1]),
      probes: probesOf(healthcheck?.test ?? []),
    }));
}

// ${NAME} or ${NAME:?message}; with a default, ${NAME:-…}, the file would contain the value.
const reference = /\$\{\w+(?::\?[^}]*)?\}/;
const whole = new RegExp(`^${reference.source}$`);
const password = new RegExp(`^\\w+://\\w+:${reference.source}@[^@]+$`);

/** The value, or its key if it comes from outside the file. */
export const valueOf = (key: string, text: string): Value =>
  whole.test(text) || password.test(text) ? { secret: key } : { text };

/** The port in the container, from `address:port:port in the container`. */
const portOf = (published: string | undefined): number | undefined =>
  published === undefined ? undefined : Number(published.split(':').at(-1));

function probesOf([kind, program, script, port]: string[]): Probe[] {
  const isOurs = kind === 'CMD' && program === 'node' && script === 'docker/ready.mjs';
  return isOurs ? [{ path: '/readyz', port: Number(port) }] : [];
}
