import { parseArgs } from 'node:util';

import { EmbeddedKafka } from '../src/embedded-kafka.ts';
import { OptionInvalid } from '../src/options.ts';

const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const printError = (line: object) => process.stderr.write(`${JSON.stringify(line)}\n`);

try {
  const { values } = parseArgs({
    options: { directory: { type: 'string' }, host: { type: 'string' }, port: { type: 'string' } },
  });
  const broker = new EmbeddedKafka({
    directory: values.directory ?? '',
    host: values.host,
    port: values.port === undefined ? undefined : Number(values.port),
    logger: { info: printError, error: printError },
  });
  await broker.start();
  const stop = () => {
    broker.stop().catch((error: unknown) => {
      printError({ event: 'embedded-kafka.stop-failed', reason: String(error) });
      process.exitCode = 1;
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  print({ event: 'embedded-kafka.listening', port: broker.port });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  printError({ event: 'embedded-kafka.start-failed', reason });
  process.exitCode = error instanceof OptionInvalid ? 2 : 1;
}
