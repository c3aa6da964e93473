import { Kafka, logLevel, Partitioners, type KafkaConfig } from 'kafkajs';

import { EmbeddedKafka } from '../src/embedded-kafka.ts';
import type { EmbeddedKafkaOptions } from '../src/options.ts';
import { temporaryFolder } from './temporary-folder.ts';

type OnTestFinished = (release: () => Promise<void>) => void;

/** A broker on a new folder, or on the given one. It is stopped after the test. */
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

/** A broker that can be restarted on the same folder and port. */
export async function restartableBroker(onTestFinished: OnTestFinished) {
  const directory = await temporaryFolder(onTestFinished);
  let broker = new EmbeddedKafka({ directory });
  // Registered before the clients: hooks run in reverse order, so clients disconnect from a running broker.
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

/** A kafkajs client without log output. */
export function kafkajsClient(brokers: string, config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({ clientId: 'test', brokers: [brokers], logLevel: logLevel.NOTHING, ...config });
}

/** A connected producer. It is disconnected after the test. */
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

/** A connected admin client. It is disconnected after the test. */
export async function connectedAdmin(onTestFinished: OnTestFinished, kafka: Kafka) {
  const admin = kafka.admin();
  onTestFinished(() => admin.disconnect());
  await admin.connect();
  return admin;
}
