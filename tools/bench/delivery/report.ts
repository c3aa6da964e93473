import type { AtRate } from './at-rate.ts';
import { coresOf, perThousand, type Usage } from './cpu.ts';
import { round } from './statistics.ts';

const names = (values: Record<string, number>, digits: number): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${round(value, digits)}`)
    .join(', ');

export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Seconds of processor time for 1,000 deliveries, by process. */
export const cpuLine = (usage: Usage, deliveries: number): string =>
  `CPU s per 1,000: ${names(perThousand(usage, deliveries), 3)}`;

/** The cores that each process used. */
export const coresLine = (usage: Usage): string =>
  names(
    Object.fromEntries(Object.keys(usage.cpuMs).map((name) => [name, coresOf(usage, name)])),
    3,
  );

export const rateLine = (
  name: string,
  rate: number,
  { p50, p95, p99, cores, usage }: AtRate,
): string =>
  `${name.padEnd(15)}${rate} /s: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms; ${cores} cores (${coresLine(usage)})`;

const rounded = (values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, round(value, 4)]));

/** For the line of JSON: seconds of processor time for 1,000 deliveries, by process, without the driver. */
export function cpuJson(usage: Usage, deliveries: number): Record<string, number> {
  const { driver: _driver, ...measured } = perThousand(usage, deliveries);
  return rounded(measured);
}

/** For the line of JSON: the percentiles and cores by rate. */
export const ratesJson = (rates: readonly [rate: number, AtRate][]) =>
  Object.fromEntries(
    rates.map(([rate, { p50, p95, p99, cores }]) => [rate, { p50, p95, p99, cores }]),
  );
