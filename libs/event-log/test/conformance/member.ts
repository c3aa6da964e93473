import { KeyedConsumer } from '../../src/consumer/keyed-consumer.ts';
import { EventLog } from '../../src/event-log.ts';

/**
 * A member of a consumer group in a process of its own, to be killed: says on standard output which record it begins and
 * which it has completed, and never ends the handling of one whose value is "stuck".
 */
const [brokers = '', groupId = '', topic = ''] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const consumer = new KeyedConsumer({
  log: new EventLog({ brokers: [brokers], clientId: 'member' }),
  groupId,
  topics: [topic],
  session: { timeoutMs: 2_000, heartbeatMs: 200 },
  handle: async ({ key, value }) => {
    const number = String(value);
    say({ begun: true, key, number });
    if (number === 'stuck') await new Promise(() => undefined);
    say({ key, number });
  },
});
await consumer.start();
say({ joined: true });
