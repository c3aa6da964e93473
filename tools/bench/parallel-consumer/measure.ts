import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Topics, topicSettings } from '@casewire/contracts';
import { EventLog, type OutgoingRecord } from '@casewire/event-log';

import { measureAtRate, type AtRate } from '../delivery/at-rate.ts';
import { startBroker, type Broker } from '../delivery/broker.ts';
import { watchCpu, type Usage } from '../delivery/cpu.ts';
import { caseOf, EventSource } from '../delivery/events.ts';
import type { Options } from '../delivery/options.ts';
import { publishAll } from '../delivery/publish.ts';
import { BenchReceiver } from '../delivery/receiver.ts';
import { RunningConsumer } from './consumer.ts';

export interface ParallelConsumed {
  /** Requests per second, from the first to the last; all events are on the log before the consumer starts. */
  perSecond: number;
  usage: Usage;
  rates: [rate: number, AtRate][];
}

const topic = Topics.casewireEvents;

/** Measures parallel-consumer on Apache Kafka: the same events to the same receiver, then each rate. */
export async function parallelConsumer(
  options: Options,
  classPath: string,
): Promise<ParallelConsumed> {
  const folder = mkdtempSync(join(tmpdir(), 'casewire-bench-'));
  const receiver = await BenchReceiver.start();
  try {
    const broker = await startBroker('apache', join(folder, 'broker'));
    try {
      return await onBroker(options, classPath, broker, receiver);
    } finally {
      await broker.stop();
    }
  } finally {
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onBroker(
  options: Options,
  classPath: string,
  broker: Broker,
  receiver: BenchReceiver,
): Promise<ParallelConsumed> {
  const { events, cases, bodyBytes, endpoints } = options;
  const log = new EventLog({ brokers: [broker.brokers], clientId: 'bench' });
  const source = new EventSource(bodyBytes);
  const to = { publish: (records: OutgoingRecord[]) => log.send(records) };
  // The organization is not read.
  const event = (n: number) => source.next(caseOf(0), caseOf(n % cases));
  const processes = { broker: broker.pid, receiver: receiver.pid };
  let consumer: RunningConsumer | undefined;
  try {
    await log.ensureTopics(topicSettings.filter((one) => one.topic === topic));
    await publishAll(to, events, event);
    const used = watchCpu(processes);
    consumer = RunningConsumer.start(classPath, {
      brokers: broker.brokers,
      topic,
      url: receiver.url,
      endpoints,
    });
    await consumer.during(receiver.until(events));
    const usage = used({ ...processes, consumer: consumer.pid });
    const { firstAt, lastAt } = await receiver.readAndReset();
    const perSecond = events / ((lastAt - firstAt) / 1000);
    const rates: ParallelConsumed['rates'] = [];
    const all = { ...processes, consumer: consumer.pid };
    const system = { to, event, receiver, processes: all, counted: ['consumer', 'broker'] };
    for (const rate of options.rates) {
      const measured = measureAtRate({ rate, seconds: options.seconds }, system);
      rates.push([rate, await consumer.during(measured)]);
    }
    return { perSecond, usage, rates };
  } finally {
    await consumer?.stop();
    await log.close();
  }
}
