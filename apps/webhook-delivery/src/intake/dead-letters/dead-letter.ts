import { deadLetterTopic, type IncomingRecord } from '@casewire/event-log';
import { z } from 'zod';

/** The headers that the event log adds to a dead letter, in addition to the record's own. */
const Reason = z.object({
  'dlq-reason-code': z.string(),
  'dlq-reason': z.string(),
  'dlq-topic': z.string(),
  'dlq-partition': z.string().regex(/^\d{1,9}$/),
  'dlq-offset': z.string().regex(/^\d{1,18}$/),
  'dlq-at': z.iso.datetime(),
});

/** Header with the size of a value that was too large for the dead letter. */
const valueOmitted = 'dlq-value-omitted';

/** A record that could not be ingested, with its position and the reason. */
export interface DeadLetter {
  topic: string;
  partition: number;
  offset: string;
  key: Buffer | null;
  /** The record's own headers, and `dlq-value-omitted` if its value was omitted. */
  headers: Record<string, string>;
  value: Buffer | null;
  code: string;
  reason: string;
  receivedAt: string;
}

/** Parses a record of a dead letter topic. @returns undefined if the event log did not write it, or not for this topic */
export function parseDeadLetter(record: IncomingRecord): DeadLetter | undefined {
  const parsed = Reason.safeParse(record.headers);
  if (!parsed.success) return undefined;
  const reason = parsed.data;
  if (deadLetterTopic(reason['dlq-topic']) !== record.topic) return undefined;
  const own = Object.entries(record.headers).filter(
    ([name]) => !name.startsWith('dlq-') || name === valueOmitted,
  );
  return {
    topic: reason['dlq-topic'],
    partition: Number(reason['dlq-partition']),
    offset: reason['dlq-offset'],
    key: record.key === null ? null : Buffer.from(record.key),
    headers: Object.fromEntries(own.map(([name, value]) => [storable(name), storable(value)])),
    value: record.value,
    code: storable(reason['dlq-reason-code']),
    reason: storable(reason['dlq-reason']),
    receivedAt: reason['dlq-at'],
  };
}

const replacement = '\ufffd';
// PostgreSQL cannot store NUL in a text.
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', replacement);

export interface DeadLetterRow {
  id: string;
  topic: string;
  partition: number;
  record_offset: string;
  key: Buffer | null;
  headers: Record<string, string>;
  value: Buffer | null;
  code: string;
  reason: string;
  received_at: Date;
  replayed_at: Date | null;
}

/** Whether the dead letter lacks the record's value. */
export const isValueOmitted = ({ headers }: Pick<DeadLetterRow, 'headers'>): boolean =>
  valueOmitted in headers;

/** Whether a header differs from the record's: bytes that are not text were replaced. */
export const isAltered = ({ headers }: Pick<DeadLetterRow, 'headers'>): boolean =>
  Object.entries(headers)
    .flat()
    .some((text) => text.includes(replacement));

/** The original record. */
export const recordOf = (row: DeadLetterRow): IncomingRecord => ({
  topic: row.topic,
  partition: row.partition,
  offset: BigInt(row.record_offset),
  key: row.key?.toString() ?? null,
  value: row.value,
  headers: row.headers,
  timestamp: row.received_at,
});
