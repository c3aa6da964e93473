import { once } from 'node:events';
import { resolve } from 'node:path';

import { startApacheKafka } from './apache-kafka.ts';

// Before the start, so that a broker which is still starting is not left behind.
const asked = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const directory = resolve(import.meta.dirname, '../../../.casewire/kafka');
const kafka = await startApacheKafka({ directory, port: Number(process.env.KAFKA_PORT ?? 9092) });
console.log(`Apache Kafka on ${kafka.brokers}, data in ${directory}`);
await asked;
await kafka.stop();
