import type { IncomingRecord } from '../client/record.ts';
import type { EventLog } from '../event-log.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** A record that cannot be processed. It is reported after it was stored on its dead letter topic. */
export interface DeadLetter {
  record: IncomingRecord;
  error: unknown;
  /** Stable code of the reason: the `code` of the error, if it has one. */
  reasonCode: string;
  tries: number;
}

export interface ConsumerOptions {
  log: EventLog;
  groupId: string;
  topics: string[];
  /** Maximum number of records in memory, running or waiting, over all partitions. */
  highWater?: number;
  retry?: RetryPolicy;
  /** Called after the dead letter is acknowledged and before the offset is committed. Its failures are only logged. */
  onDeadLetter?: (letter: DeadLetter) => void | Promise<void>;
  /** Time after which the broker removes a silent member (default 10,000 ms), and between heartbeats (default 1,000 ms). */
  session?: { timeoutMs?: number; heartbeatMs?: number };
  /** Time that `stop()` waits for running handlers before it aborts their signal. Default 10,000 ms. */
  drainMs?: number;
}
