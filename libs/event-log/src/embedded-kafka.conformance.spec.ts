import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';

import { describeEventLog } from './conformance/describe-event-log.ts';

describeEventLog('embedded Kafka', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'casewire-embedded-kafka-'));
  let kafka = new EmbeddedKafka({ directory, port: 0 });
  await kafka.start();
  const { brokers, port } = kafka;
  return {
    brokers,
    down: () => kafka.stop(),
    up: async () => {
      kafka = new EmbeddedKafka({ directory, port });
      await kafka.start();
    },
    stop: async () => {
      await kafka.stop();
      await rm(directory, { recursive: true });
    },
  };
});
