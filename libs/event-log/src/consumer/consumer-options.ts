import type { IncomingRecord } from '../client/record.ts';
import type { EventLog } from '../event-log.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** A record that was given up on, as it is reported once it is safe on its dead letter topic. */
export interface DeadLetter {
  record: IncomingRecord;
  error: unknown;
  /** Stable code of the reason, from the error's `code` where it has one. */
  reasonCode: string;
  tries: number;
}

export interface ConsumerOptions {
  log: EventLog;
  groupId: string;
  topics: string[];
  /** Most records that are held in memory, in handling or waiting for it, over all partitions. */
  highWater?: number;
  retry?: RetryPolicy;
  /** Called after the dead letter was acknowledged and before the offset moves. Its failures are only logged. */
  onDeadLetter?: (letter: DeadLetter) => void | Promise<void>;
  /** How soon a lost member is noticed (default 10,000 ms) and a rebalance heard of (default 1,000 ms). */
  session?: { timeoutMs?: number; heartbeatMs?: number };
  /** How long `stop()` waits for running handlers before it aborts their signal. Default 10,000 ms. */
  drainMs?: number;
}
