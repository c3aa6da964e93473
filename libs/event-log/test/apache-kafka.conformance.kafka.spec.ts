import { startApacheKafka } from '@casewire/apache-kafka';
import { testFolder } from '@casewire/testing';

import { describeEventLog } from './conformance/describe-event-log.ts';

const directory = testFolder('apache-kafka');

describeEventLog('Apache Kafka', async () => {
  const kafka = await startApacheKafka({ directory });
  return {
    brokers: kafka.brokers,
    down: () => kafka.kill(),
    up: () => kafka.restart(),
    stop: () => kafka.stop(),
  };
});
