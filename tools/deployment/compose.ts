import { parse } from 'yaml';

import type { Container, Probe, Value } from './container.ts';

/** The part of a compose file that matters here. */
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

/** The containers that are built here; the others are no services of ours. */
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
      port: portOf(ports),
      probes: probesOf(healthcheck?.test ?? []),
    }));
}

// ${NAME} or ${NAME:?what is missing}; with a default, ${NAME:-…}, it stands in the file after all.
const reference = /\$\{\w+(?::\?[^}]*)?\}/;
const whole = new RegExp(`^${reference.source}$`);
const password = new RegExp(`^\\w+://\\w+:${reference.source}@[^@]+$`);

/** Where it comes from: a secret is one only if the file says nothing of it. */
export const valueOf = (key: string, words: string): Value =>
  whole.test(words) || password.test(words) ? { secret: key } : { words };

/** Of `address:port:port in the container`. */
function portOf(ports: string[] = []): number | undefined {
  const [published] = ports;
  return published === undefined ? undefined : Number(published.split(':').at(-1));
}

function probesOf([kind, program, script, port]: string[]): Probe[] {
  const isOurs = kind === 'CMD' && program === 'node' && script === 'docker/ready.mjs';
  return isOurs ? [{ path: '/readyz', port: Number(port) }] : [];
}
