import {
  ceiling,
  median,
  paced,
  percentile,
  throughput,
  type Throughput,
} from './delivery/measure.ts';

/**
 * Compares the delivery service with a bare loop that POSTs the same bytes to the same receiver: deliveries per second, the
 * latency from the event to its arrival, and the effect of endpoints that hang or fail on the others.
 */
const events = Number(process.env.BENCH_EVENTS ?? 100_000);
const runs = Number(process.env.BENCH_RUNS ?? 3);
const endpoints = 200;
const cases = 5000;
const seconds = Number(process.env.BENCH_SECONDS ?? 20);
const print = (line: string) => void process.stdout.write(`${line}\n`);
const round = (value: number, digits = 1) => Number(value.toFixed(digits));

print(`${events} events of ${cases} cases for ${endpoints} endpoints, median of ${runs}`);
const bare = await ceiling({ count: 30_000, atOnce: 64, rate: 0, paths: endpoints });
print(`ceiling        ${round(bare.perSecond)} /s: a bare loop, 64 at once`);
const measured: Throughput[] = [];
for (let run = 0; run < runs; run++) {
  const one = await throughput({ endpoints, cases, events });
  measured.push(one);
  const cpu = Object.entries(one.cpuMs).map(([name, ms]) => `${name} ${round(ms, 3)}`);
  print(
    `deliveries     ${round(one.perSecond)} /s; CPU ms each: ${cpu.join(', ')}; ${round(one.statements, 2)} statements, ${round(one.bytes, 0)} bytes of log each; ${one.peakMegabytes} MB at most`,
  );
}
const perSecond = median(measured.map((one) => one.perSecond));
const ratio = perSecond / bare.perSecond;
print(`throughput     ${round(ratio, 3)} of the ceiling`);

const rate = Math.floor(perSecond / 3);
const bareAtRate = await ceiling({ count: rate * 10, atOnce: 0, rate, paths: endpoints });
const healthy = Array.from({ length: endpoints }, () => 'ok' as const);
const atRate = await paced(rate, seconds, healthy);
const latency = {
  p50: round(percentile(atRate.latencies, 0.5), 2),
  p99: round(percentile(atRate.latencies, 0.99), 2),
  ceilingP50: round(percentile(bareAtRate.latencies, 0.5), 2),
  ceilingP99: round(percentile(bareAtRate.latencies, 0.99), 2),
};
print(
  `latency        at ${rate} /s: p50 ${latency.p50} ms, p99 ${latency.p99} ms; the bare loop's own: ${latency.ceilingP50}, ${latency.ceilingP99}`,
);

const mixed = healthy.map((_, i) => (i % 10 === 3 ? 'hang' : i % 10 === 7 ? 'fail' : 'ok'));
const among = await paced(rate, seconds, mixed);
const isolation = {
  // The endpoints that hang or fail, a fifth, get their share of the events too: the healthy ones get four fifths.
  ratio: round(among.perSecond / (atRate.perSecond * 0.8), 3),
  p99Ratio: round(percentile(among.latencies, 0.99) / latency.p99, 2),
};
print(
  `isolation      a tenth hangs, a tenth answers 500: the others keep ${isolation.ratio} of their throughput, ${isolation.p99Ratio} times their p99`,
);
if (process.argv.includes('--json')) {
  print(
    JSON.stringify({
      throughput: {
        perSecond: round(perSecond),
        ceiling: round(bare.perSecond),
        ratio: round(ratio, 3),
      },
      latency,
      isolation,
    }),
  );
}
process.exit(0);
