import { setTimeout as delay } from 'node:timers/promises';

import { RecordTooLarge } from '../client/errors.ts';
import type { EncodedRecord } from '../client/record-encoding.ts';
import { deadLetterTopic } from '../client/record.ts';
import type { EventLog } from '../event-log.ts';
import type { BufferedRecord } from './assigned-partition.ts';
import { backoff } from './retry-policy.ts';

const longestReason = 1_000;
const retryBackoff = { backoffMs: 500, maxBackoffMs: 10_000 };

/** Why a record cannot be processed. */
export interface DeadLetterReason {
  error: unknown;
  code: string;
  tries: number;
}

/** The code of a failure in a dead letter: the `code` of the error, or its name. */
export function reasonCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'UNKNOWN';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'UNKNOWN';
}

/**
 * Writes a record to the dead letter topic of its topic, with its original key, value and headers, and the reason in additional
 * headers. Retries until the write is acknowledged, because the offset of the record is committed only afterwards. Resolves with
 * `true` after the acknowledgement, and with `false` if the signal aborts before. If the record is too large to carry
 * the reason, it is written without its value; `dlq-topic`, `dlq-partition` and `dlq-offset` locate the value.
 */
export async function writeDeadLetter(
  log: EventLog,
  buffered: BufferedRecord,
  reason: DeadLetterReason,
  signal: AbortSignal,
): Promise<boolean> {
  let letter = deadLetter(buffered, reason, new Date());
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await log.append([letter]);
      return true;
    } catch (error) {
      if (error instanceof RecordTooLarge && letter.value !== null) {
        letter = withoutValue(letter);
        continue;
      }
      log.logger.error(
        { event: 'dead_letter.failed', topic: letter.topic, error },
        'a dead letter could not be written; its partition waits for it',
      );
    }
    const pause = backoff(retryBackoff, failures, Math.random());
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

function deadLetter(
  { record, message }: BufferedRecord,
  { error, code, tries }: DeadLetterReason,
  at: Date,
): EncodedRecord {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    topic: deadLetterTopic(record.topic),
    key: message.key,
    value: message.value,
    headers: {
      ...message.headers,
      'dlq-reason-code': code,
      'dlq-reason': reason.slice(0, longestReason),
      'dlq-topic': record.topic,
      'dlq-partition': String(record.partition),
      'dlq-offset': String(record.offset),
      'dlq-tries': String(tries),
      'dlq-at': at.toISOString(),
    },
  };
}

const withoutValue = (letter: EncodedRecord): EncodedRecord => ({
  ...letter,
  value: null,
  headers: {
    ...letter.headers,
    'dlq-value-omitted': String(letter.value === null ? 0 : Buffer.byteLength(letter.value)),
  },
});
