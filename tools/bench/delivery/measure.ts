import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { uuidV5 } from '@casewire/contracts';

import { cpuByProcess, peakMegabytes } from './cpu.ts';
import { DeliveryEnvironment } from './delivery-environment.ts';
import { BenchReceiver } from './receiver.ts';

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Measures the bare loop: requests per second, and the latencies of the requests in milliseconds. */
export async function ceiling(order: {
  count: number;
  atOnce: number;
  rate: number;
  paths: number;
}): Promise<{ perSecond: number; latencies: number[] }> {
  const receiver = await BenchReceiver.start();
  const loop = fork(new URL('ceiling.ts', import.meta.url), {
    execArgv: ['--import', '#register'],
  });
  try {
    await once(loop, 'message');
    const reply = once(loop, 'message');
    loop.send({ ...order, url: receiver.url });
    const [{ perSecond }] = (await reply) as [{ perSecond: number }];
    const { latencies } = await receiver.readAndReset();
    return { perSecond, latencies };
  } finally {
    loop.kill('SIGKILL');
    await receiver.stop();
  }
}

export interface Load {
  endpoints: number;
  cases: number;
  events: number;
}

export interface Throughput {
  perSecond: number;
  /** Processor time for each delivery by process, in milliseconds. */
  cpuMs: Record<string, number>;
  statements: number;
  /** Bytes of the write-ahead log for each delivery. */
  bytes: number;
  peakMegabytes: number;
}

const caseOf = (n: number) => uuidV5('bench', `${n}`);

/** Measures from the first request to the last; all events are in the log before the delivery service starts. */
export async function throughput({ endpoints, cases, events }: Load): Promise<Throughput> {
  const receiver = await BenchReceiver.start();
  const environment = await DeliveryEnvironment.start();
  try {
    await environment.subscribe(
      Array.from({ length: endpoints }, (_, i) => `${receiver.url}/ok/${i}`),
    );
    for (let n = 0; n < events; n += 1000) {
      const batch = Array.from({ length: Math.min(1000, events - n) }, (_, i) => {
        const place = (n + i) % cases;
        return environment.event(place % endpoints, caseOf(place), n + i);
      });
      await environment.publish(batch);
    }
    const postgres = await environment.postgres();
    const pids = { receiver: receiver.pid, broker: process.pid };
    const before = cpuByProcess(pids, postgres);
    const writtenBefore = await environment.written();
    const delivery = await environment.deliver();
    await receiver.until(events);
    const { firstAt, lastAt } = await receiver.readAndReset();
    const used = cpuByProcess({ ...pids, delivery }, postgres);
    const cpuMs = Object.fromEntries(
      Object.entries(used).map(([name, ms]) => [name, (ms - (before[name] ?? 0)) / events]),
    );
    return {
      perSecond: events / ((lastAt - firstAt) / 1000),
      cpuMs,
      statements: (await environment.statements()) / events,
      bytes: ((await environment.written()) - writtenBefore) / events,
      peakMegabytes: peakMegabytes(delivery),
    };
  } finally {
    await environment.stop();
    await receiver.stop();
  }
}

/**
 * Publishes events at a rate while the service runs.
 * @param rate events per second
 * @param kinds the behavior of each endpoint
 * @returns answered requests per second, and the milliseconds from the publishing of their events to their arrival
 */
export async function paced(
  rate: number,
  seconds: number,
  kinds: readonly ('ok' | 'fail' | 'hang')[],
): Promise<{ perSecond: number; latencies: number[] }> {
  const receiver = await BenchReceiver.start();
  const environment = await DeliveryEnvironment.start();
  try {
    await environment.subscribe(kinds.map((kind, i) => `${receiver.url}/${kind}/${i}`));
    await environment.deliver();
    // Warm-up of connections, query plans and compiled code.
    const healthy = kinds.flatMap((kind, i) => (kind === 'ok' ? [i] : []));
    await environment.publish(
      healthy.map((place, i) => environment.event(place, caseOf(-1 - i), i)),
    );
    await receiver.until(healthy.length);
    await receiver.readAndReset();
    const began = performance.now();
    let n = 0;
    let sentToHealthy = 0;
    for (;;) {
      const elapsed = (performance.now() - began) / 1000;
      if (elapsed >= seconds) break;
      const records = [];
      for (const due = Math.floor(elapsed * rate); n < due; n++) {
        const place = n % kinds.length;
        if (kinds[place] === 'ok') sentToHealthy++;
        records.push(environment.event(place, caseOf(n % 5000), n));
      }
      if (records.length > 0) await environment.publish(records);
      await delay(2);
    }
    await receiver.until(sentToHealthy);
    const { answered, firstAt, lastAt, latencies } = await receiver.readAndReset();
    return { perSecond: answered / ((lastAt - firstAt) / 1000), latencies };
  } finally {
    await environment.stop();
    await receiver.stop();
  }
}
