import { OptionsInvalid, readOptions, type Options } from './delivery/options.ts';
import { print } from './delivery/report.ts';
import { runParts } from './delivery/run-parts.ts';

/**
 * Measures the delivery service: deliveries per second with and without the ingest, the latency from the hand-over of an event to
 * its POST, processor time by process, and the effect of one endpoint on the others; beside it a bare loop that POSTs the same
 * bytes to the same receiver, and parallel-consumer.
 */
let options: Options;
try {
  options = readOptions(process.argv.slice(2), process.env);
} catch (error) {
  if (!(error instanceof OptionsInvalid)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const result = await runParts(options);
if (options.json) print(JSON.stringify(result));
process.exit(0);
