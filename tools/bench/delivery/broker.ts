import { startApacheKafka } from '@casewire/apache-kafka';

import { disconnectChild, startChild } from './child.ts';
import type { BrokerKind } from './options.ts';

/** A Kafka broker that runs in its own process. */
export interface Broker {
  /** `host:port` */
  brokers: string;
  pid: number;
  stop(): Promise<void>;
}

/** Starts a broker with its data in `directory`. @throws ProgramMissing if Apache Kafka is asked for without Java or Maven */
export async function startBroker(kind: BrokerKind, directory: string): Promise<Broker> {
  if (kind === 'apache') return startApacheKafka({ directory });
  const { child, ready } = await startChild('broker-process.ts', {
    BENCH_BROKER_DIRECTORY: directory,
  });
  const { brokers } = ready as { brokers: string };
  return { brokers, pid: child.pid!, stop: () => disconnectChild(child) };
}
