import { Kafka, logLevel, Partitioners, type KafkaConfig } from 'kafkajs';

import { EmbeddedKafka } from '../src/embedded-kafka.ts';
import type { EmbeddedKafkaOptions } from '../src/options.ts';
import { temporaryFolder } from './temporary-folder.ts';

type OnTestFinished = (release: () => Promise<void>) => void;

/** A broker on a folder of its own (or the given one), stopped with the test. */
export async function startedBroker(
  onTestFinished: OnTestFinished,
  options: Partial<EmbeddedKafkaOptions> = {},
): Promise<EmbeddedKafka> {
  const directory = options.directory ?? (await temporaryFolder(onTestFinished));
  const broker = new EmbeddedKafka({ ...options, directory });
  onTestFinished(() => broker.stop());
  await broker.start();
  return broker;
}

/** A broker that can be stopped and started again on its folder and port. */
export async function restartableBroker(onTestFinished: OnTestFinished) {
  const directory = await temporaryFolder(onTestFinished);
  let broker = new EmbeddedKafka({ directory });
  // Registered before any client is: hooks run in reverse, and clients disconnect from a broker that runs.
  onTestFinished(() => broker.stop());
  await broker.start();
  const { brokers, port } = broker;
  const restart = async () => {
    await broker.stop();
    broker = new EmbeddedKafka({ directory, port });
    await broker.start();
  };
  return { brokers, restart };
}

/** A kafkajs client that says nothing. */
export function kafkajsClient(brokers: string, config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({ clientId: 'test', brokers: [brokers], logLevel: logLevel.NOTHING, ...config });
}

/** A connected producer, disconnected with the test. */
export async function connectedProducer(
  onTestFinished: OnTestFinished,
  kafka: Kafka,
  idempotent = true,
) {
  const producer = kafka.producer({
    idempotent,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  onTestFinished(() => producer.disconnect());
  await producer.connect();
  return producer;
}

/** A connected admin client, disconnected with the test. */
export async function connectedAdmin(onTestFinished: OnTestFinished, kafka: Kafka) {
  const admin = kafka.admin();
  onTestFinished(() => admin.disconnect());
  await admin.connect();
  return admin;
}
