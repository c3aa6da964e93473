import { KeyedConsumer } from '../../src/consumer/keyed-consumer.ts';
import { EventLog } from '../../src/event-log.ts';

/**
 * A member of a consumer group in a separate process, which the test kills. It writes to standard output which record it starts and
 * which it has completed, and never completes a record whose value is "stuck".
 */
const [brokers = '', groupId = '', topic = ''] = process.argv.slice(2);
const report = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const consumer = new KeyedConsumer({
  log: new EventLog({ brokers: [brokers], clientId: 'member' }),
  groupId,
  topics: [topic],
  session: { timeoutMs: 2_000, heartbeatMs: 200 },
  handle: async ({ key, value }) => {
    const number = String(value);
    report({ begun: true, key, number });
    if (number === 'stuck') await new Promise(() => undefined);
    report({ key, number });
  },
});
await consumer.start();
report({ joined: true });
