import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startApacheKafka } from '../../../tools/kafka/apache-kafka.ts';
import { describeEventLog } from './conformance/describe-event-log.ts';

describeEventLog('Apache Kafka', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'casewire-apache-kafka-'));
  const kafka = await startApacheKafka({ directory });
  return {
    brokers: kafka.brokers,
    down: () => kafka.kill(),
    up: () => kafka.restart(),
    stop: async () => {
      await kafka.stop();
      await rm(directory, { recursive: true });
    },
  };
});
