import { parseArgs } from 'node:util';

import { z } from 'zod';

export const BrokerKind = z.enum(['embedded', 'apache']);
export type BrokerKind = z.infer<typeof BrokerKind>;

/** What the benchmark measures, in this order. */
export const parts = [
  'bare',
  'ingest',
  'drain',
  'rates',
  'idle',
  'isolation',
  'backlog',
  'parallel-consumer',
] as const;
export type Part = (typeof parts)[number];

/** A list is written with commas between its items. */
const items = (text: unknown): unknown => (typeof text === 'string' ? text.split(',') : text);

const count = z.coerce.number().int().min(1);

const Settings = z.object({
  '--kafka': BrokerKind.default('embedded'),
  '--only': z.preprocess(items, z.array(z.enum(parts)).min(1)).default([...parts]),
  '--json': z.boolean().default(false),
  /** Events of the parts that measure throughput. */
  BENCH_EVENTS: count.default(100_000),
  /** How often throughput is measured; the median counts. */
  BENCH_RUNS: count.default(3),
  /** How long each rate lasts. */
  BENCH_SECONDS: count.default(20),
  /** Rates, in events per second. */
  BENCH_RATES: z.preprocess(items, z.array(count).min(1)).default([100, 300, 1000]),
  /** Deliveries that wait for the endpoint that is enabled. */
  BENCH_BACKLOG: count.default(1_000_000),
  BENCH_IDLE_SECONDS: count.default(10),
  /** Length of the body of a request, about. */
  BENCH_BODY_BYTES: count.default(1000),
});

export interface Options {
  kafka: BrokerKind;
  only: ReadonlySet<Part>;
  json: boolean;
  events: number;
  runs: number;
  seconds: number;
  rates: number[];
  backlog: number;
  idleSeconds: number;
  bodyBytes: number;
  endpoints: number;
  cases: number;
}

export class OptionsInvalid extends Error {
  override name = 'OptionsInvalid';
  readonly code = 'BENCH_OPTIONS_INVALID';
}

/**
 * Reads the options of the command line and the environment.
 * @throws OptionsInvalid with the name of each option that breaks a rule, and the rule
 */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options {
  const given = { ...env, ...argumentsOf(args) };
  const read = Settings.safeParse(given);
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new OptionsInvalid(faults.join('\n'));
  }
  const { data } = read;
  return {
    kafka: data['--kafka'],
    only: new Set(data['--only']),
    json: data['--json'],
    events: data.BENCH_EVENTS,
    runs: data.BENCH_RUNS,
    seconds: data.BENCH_SECONDS,
    rates: data.BENCH_RATES,
    backlog: data.BENCH_BACKLOG,
    idleSeconds: data.BENCH_IDLE_SECONDS,
    bodyBytes: data.BENCH_BODY_BYTES,
    endpoints: 200,
    cases: 5000,
  };
}

function argumentsOf(args: readonly string[]): Record<string, string | boolean | undefined> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        kafka: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [`--${name}`, value]));
  } catch (error) {
    throw new OptionsInvalid(error instanceof Error ? error.message : String(error));
  }
}
