import type { AtRate } from './at-rate.ts';
import { besideBacklog } from './backlog.ts';
import { ceiling } from './ceiling.ts';
import { coresOf } from './cpu.ts';
import { drain } from './drain.ts';
import { idle } from './idle.ts';
import { ingest, type Ingested } from './ingest.ts';
import { isolation } from './isolation.ts';
import type { Options, Part } from './options.ts';
import { reportParallelConsumer } from './parallel-consumer.ts';
import { atRate } from './rates.ts';
import { coresLine, cpuJson, cpuLine, print, rateLine, ratesJson } from './report.ts';
import { medianBy, round } from './statistics.ts';

/** What is known so far; each part may use what those before it found, and adds to the line of JSON. */
interface Found {
  /** Of the bare loop, in requests per second. */
  ceiling?: number;
  /** Of ingest and deliver. */
  perSecond?: number;
  json: Record<string, unknown>;
}

/** Measures the chosen parts in their order, prints a line for each figure, and returns the fields of the line of JSON. */
export async function runParts(options: Options): Promise<Record<string, unknown>> {
  const { events, cases, endpoints, runs, kafka, bodyBytes } = options;
  print(
    `${events} events of ${cases} cases for ${endpoints} endpoints, bodies of ${bodyBytes} bytes, ${kafka} broker, median of ${runs}`,
  );
  const found: Found = { json: {} };
  for (const [part, run] of Object.entries(steps)) {
    if (options.only.has(part as Part)) await run(options, found);
  }
  return found.json;
}

const steps: Record<Part, (options: Options, found: Found) => Promise<void>> = {
  bare: runBare,
  ingest: runIngest,
  drain: runDrain,
  rates: runRates,
  idle: runIdle,
  isolation: runIsolation,
  backlog: runBacklog,
  'parallel-consumer': async (options, { json }) => {
    const measured = await reportParallelConsumer(options);
    if (measured) json.parallelConsumer = measured;
  },
};

async function runBare({ events, endpoints, bodyBytes }: Options, found: Found): Promise<void> {
  const count = Math.min(30_000, events);
  const bare = await ceiling({ count, atOnce: 64, rate: 0, paths: endpoints, bodyBytes });
  found.ceiling = bare.perSecond;
  found.json.throughput = { ceiling: round(bare.perSecond) };
  print(`ceiling        ${round(bare.perSecond)} /s: a bare loop, 64 at once`);
}

async function runIngest(options: Options, found: Found): Promise<void> {
  const measured: Ingested[] = [];
  for (let run = 0; run < options.runs; run++) {
    const one = await ingest(options);
    measured.push(one);
    print(
      `deliveries     ${round(one.perSecond)} /s; ${cpuLine(one.usage, options.events)}; ${round(one.statements, 2)} statements, ${round(one.bytes, 0)} bytes of log each; ${one.peakMegabytes} MB at most`,
    );
  }
  const { perSecond, usage } = medianBy(measured, (one) => one.perSecond);
  found.perSecond = perSecond;
  const ratio = found.ceiling === undefined ? undefined : round(perSecond / found.ceiling, 3);
  if (ratio !== undefined) print(`throughput     ${ratio} of the ceiling`);
  found.json.throughput = {
    perSecond: round(perSecond),
    ...(ratio !== undefined && { ceiling: round(found.ceiling!), ratio }),
  };
  found.json.cpuPerThousand = cpuJson(usage, options.events);
}

async function runDrain(options: Options, { json }: Found): Promise<void> {
  const measured: Awaited<ReturnType<typeof drain>>[] = [];
  for (let run = 0; run < options.runs; run++) {
    const one = await drain(options);
    measured.push(one);
    print(`drain          ${round(one.perSecond)} /s; ${cpuLine(one.usage, options.events)}`);
  }
  const { perSecond, usage } = medianBy(measured, (one) => one.perSecond);
  json.drain = { perSecond: round(perSecond), cpuPerThousand: cpuJson(usage, options.events) };
}

async function runRates(options: Options, { json }: Found): Promise<void> {
  const measured: [rate: number, AtRate][] = [];
  for (const rate of options.rates) {
    const one = await atRate(options, rate);
    measured.push([rate, one]);
    print(rateLine('steady', rate, one));
  }
  json.rates = ratesJson(measured);
}

async function runIdle(options: Options, { json }: Found): Promise<void> {
  const usage = await idle(options);
  json.idleCores = round(coresOf(usage, 'delivery'), 4);
  print(`idle           cores over ${options.idleSeconds} s: ${coresLine(usage)}`);
}

async function runIsolation(options: Options, found: Found): Promise<void> {
  const { perSecond } = found;
  const rate = perSecond === undefined ? 300 : Math.max(1, Math.floor(perSecond / 3));
  const measured = await isolation(options, rate, found.ceiling !== undefined);
  Object.assign(found.json, measured);
}

async function runBacklog(options: Options, { json }: Found): Promise<void> {
  const measured = await besideBacklog(options);
  json.backlog = measured;
  print(
    `backlog        one endpoint with ${measured.deliveries} deliveries is enabled (${measured.perSecond} /s): at ${measured.rate} /s the others' p99 is ${measured.p99} ms, ${measured.p99Ratio} times that without it`,
  );
}
