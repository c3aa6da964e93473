import { tmpdir } from 'node:os';

import {
  platformVariables,
  readPlatformSettings,
  type PlatformSettings,
} from '@casewire/standalone';
import { z } from 'zod';

import { isOfTelemetry, services } from '../deployment/services.ts';

/** One environment variable, and who reads it. */
export interface Variable {
  name: string;
  meaning: string;
  readers: Reader[];
}

interface Reader {
  /** A service, or `npm start` for the platform on one machine. */
  name: string;
  need: 'required' | 'optional' | { default: string };
}

/** The configuration schema of each service, by the service's name. */
export type ServiceConfigs = Record<string, z.ZodObject>;

/** Thrown for a variable that has no description: neither in its schema nor in docs/configuration.md. */
export class VariableUndescribed extends Error {
  readonly code = 'VARIABLE_UNDESCRIBED';
  constructor(readonly variable: string) {
    super(`${variable}: describe it in docs/configuration.md, or in its schema with .describe()`);
    this.name = 'VariableUndescribed';
  }
}

export const serviceConfigs: ServiceConfigs = Object.fromEntries(
  Object.entries(services).map(([name, { config }]) => [name, config]),
);

export const platform = 'npm start';

/**
 * Every environment variable with its meaning and its readers: those of the platform first, then those of the services in
 * the order of their schemas, then those of the exporter of traces.
 * @param page docs/configuration.md, whose table describes what a schema does not describe by itself
 * @throws VariableUndescribed
 */
export function variables(configs: ServiceConfigs, page: string): Variable[] {
  const described = new Map(rowsOf(page));
  const readers = new Map<string, Reader[]>();
  const meanings = new Map<string, string>();
  const add = (name: string, reader: Reader) =>
    readers.set(name, [...(readers.get(name) ?? []), reader]);

  for (const name of platformVariables) add(name, { name: platform, need: needOfPlatform(name) });
  for (const [service, { shape }] of Object.entries(configs)) {
    for (const [name, schema] of Object.entries(shape)) {
      add(name, { name: service, need: needOf(schema as z.ZodType) });
      const { description } = schema as z.ZodType;
      if (description !== undefined) meanings.set(name, description);
    }
  }
  for (const name of [...described.keys()].filter(isOfTelemetry)) {
    for (const service of Object.keys(configs)) add(name, { name: service, need: 'optional' });
  }

  return [...readers].map(([name, of]) => {
    const meaning = meanings.get(name) ?? described.get(name);
    if (meaning === undefined) throw new VariableUndescribed(name);
    return { name, meaning, readers: of };
  });
}

const Value = z.coerce.string();

function needOf(schema: z.ZodType): Reader['need'] {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success) return 'required';
  if (parsed.data === undefined) return 'optional';
  return { default: portable(Value.parse(parsed.data)) };
}

function needOfPlatform(name: string): Reader['need'] {
  const value = readPlatformSettings({})[name as keyof PlatformSettings];
  return value === undefined ? 'optional' : { default: Value.parse(value) };
}

/** The folder for temporary files differs between machines. */
const portable = (value: string) =>
  value.startsWith(tmpdir()) ? `/tmp${value.slice(tmpdir().length)}` : value;

/** Name and meaning of each variable in the rows of the page: | `NAME`, `NAME` | service | meaning | */
function rowsOf(page: string): [name: string, meaning: string][] {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const [names = '', , meaning = ''] = row.slice(1, -1).split('|');
    return (names.match(/[A-Z][A-Z_]+/g) ?? []).map((name): [string, string] => [
      name,
      plainText(meaning),
    ]);
  });
}

const plainText = (markdown: string) =>
  markdown
    .replaceAll('`', '')
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .trim();
