import { resolve } from 'node:path';

import { z } from 'zod';

export interface EmbeddedKafkaOptions {
  /** The folder for records and offsets; created if it does not exist. One broker at a time uses it. */
  directory: string;
  /** The address to listen on; 127.0.0.1 by default. */
  host?: string;
  /** The port to listen on; with 0, the default, the system chooses one. */
  port?: number;
  /** Partitions of a topic that is created without a number; 6 by default. */
  defaultPartitions?: number;
  /** Whether a metadata request creates a topic that does not exist; true by default. */
  autoCreateTopics?: boolean;
  /** The largest accepted record batch, in bytes; by default 1 MiB and its overhead, as Apache Kafka's message.max.bytes. */
  maxBatchBytes?: number;
  /** Gets one object for each log event; no logging by default. */
  logger?: { info(o: object): void; error(o: object): void };
}

/** An option is invalid; the message names it. */
export class OptionInvalid extends Error {
  override readonly name = 'OptionInvalid';
  readonly code = 'KAFKA_OPTION_INVALID';
  readonly retriable = false;
}

const LARGEST_BATCH = 32 * 1024 * 1024;
const Options = z.object({
  directory: z
    .string()
    .min(1)
    .transform((path) => resolve(path)),
  host: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(0),
  defaultPartitions: z.number().int().min(1).max(1000).default(6),
  autoCreateTopics: z.boolean().default(true),
  maxBatchBytes: z
    .number()
    .int()
    .min(1024)
    .max(LARGEST_BATCH)
    .default(1024 * 1024 + 12),
});

export type Settings = z.infer<typeof Options> & Pick<Required<EmbeddedKafkaOptions>, 'logger'>;

/** Checks the options and adds the defaults. Throws OptionInvalid. */
export function acceptOptions(options: EmbeddedKafkaOptions): Settings {
  const accepted = Options.safeParse(options);
  if (!accepted.success) {
    const faults = accepted.error.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );
    throw new OptionInvalid(`Embedded Kafka cannot start: ${faults.join('; ')}`);
  }
  const logger = options.logger ?? { info: () => {}, error: () => {} };
  return { ...accepted.data, logger };
}
