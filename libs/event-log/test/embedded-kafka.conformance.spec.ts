import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { testFolder } from '@casewire/testing';

import { describeEventLog } from './conformance/describe-event-log.ts';

const directory = testFolder('embedded-kafka');

describeEventLog('embedded Kafka', async () => {
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
    stop: () => kafka.stop(),
  };
});
