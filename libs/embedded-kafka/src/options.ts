import { resolve } from 'node:path';

import { z } from 'zod';

export interface EmbeddedKafkaOptions {
  /** Where records and offsets are kept; made if it is not there. One broker at a time works on it. */
  directory: string;
  /** The address to listen on; 127.0.0.1 if not given. */
  host?: string;
  /** 0, the default: the system chooses one. */
  port?: number;
  /** Partitions of a topic for which no number is asked; 6 if not given. */
  defaultPartitions?: number;
  /** Whether asking for a topic creates it; true if not given. */
  autoCreateTopics?: boolean;
  /** The largest record batch taken, in bytes; 1 MiB and its overhead, as Apache Kafka's message.max.bytes, if not given. */
  maxBatchBytes?: number;
  /** Gets one object per thing that happened; nothing is said if not given. */
  logger?: { info(o: object): void; error(o: object): void };
}

/** An option that cannot be used; the message names it. */
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

/** Checks the options and fills in what was not given. Throws OptionInvalid. */
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
