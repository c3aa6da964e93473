import { once } from 'node:events';
import { resolve } from 'node:path';

import { startApacheKafka } from './apache-kafka.ts';

const directory = resolve(import.meta.dirname, '../../.casewire/kafka');
const kafka = await startApacheKafka({ directory, port: Number(process.env.KAFKA_PORT ?? 9092) });
console.log(`Apache Kafka on ${kafka.brokers}, data in ${directory}`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await kafka.stop();
