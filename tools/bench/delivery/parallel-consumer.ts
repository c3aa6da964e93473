import { buildConsumer, ConsumerNotBuilt } from '../parallel-consumer/build.ts';
import { parallelConsumer } from '../parallel-consumer/measure.ts';
import type { Options } from './options.ts';
import { cpuJson, cpuLine, print, rateLine, ratesJson } from './report.ts';
import { round } from './statistics.ts';

/** Measures parallel-consumer where it can run; else it prints why it is left out. */
export async function reportParallelConsumer(options: Options) {
  const leftOut = (reason: string) => print(`parallel-consumer is left out: ${reason}`);
  if (options.kafka !== 'apache') return leftOut('it needs --kafka apache');
  let classPath: string;
  try {
    classPath = await buildConsumer();
  } catch (error) {
    if (error instanceof ConsumerNotBuilt) return leftOut(error.message);
    throw error;
  }
  const { perSecond, usage, rates } = await parallelConsumer(options, classPath);
  print(
    `parallel-consumer: ingest and deliver ${round(perSecond)} /s; ${cpuLine(usage, options.events)}`,
  );
  for (const [rate, one] of rates) print(rateLine('', rate, one));
  return {
    perSecond: round(perSecond),
    cpuPerThousand: cpuJson(usage, options.events),
    rates: ratesJson(rates),
  };
}
