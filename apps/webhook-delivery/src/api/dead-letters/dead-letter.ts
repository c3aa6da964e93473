import type { DeadLetterView } from '@casewire/contracts';
import { deadLetterTopic, type IncomingRecord } from '@casewire/event-log';
import { z } from 'zod';

/** What the event log says of a record that it gave up on, in headers beside the record's own. */
const Reason = z.object({
  'dlq-reason-code': z.string(),
  'dlq-reason': z.string(),
  'dlq-topic': z.string(),
  'dlq-partition': z.string().regex(/^\d{1,9}$/),
  'dlq-offset': z.string().regex(/^\d{1,18}$/),
  'dlq-at': z.iso.datetime(),
});

/** Says how large a value was that there was no room for. */
const valueOmitted = 'dlq-value-omitted';

/** A record that could not be understood, and where it was. */
export interface DeadLetter {
  topic: string;
  partition: number;
  offset: string;
  key: Buffer | null;
  /** The record's own, and whether its value was omitted. */
  headers: Record<string, string>;
  value: Buffer | null;
  code: string;
  reason: string;
  receivedAt: string;
}

/** @returns undefined for what the event log did not write there, or not for this topic */
export function deadLetterOf(record: IncomingRecord): DeadLetter | undefined {
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
// PostgreSQL stores no NUL in a text.
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

export const deadLetterView = (row: DeadLetterRow): DeadLetterView => ({
  id: row.id,
  topic: row.topic,
  partition: row.partition,
  offset: row.record_offset,
  key: row.key?.toString() ?? null,
  headers: row.headers,
  value: row.value?.toString() ?? null,
  code: row.code,
  reason: row.reason,
  receivedAt: row.received_at.toISOString(),
  replayedAt: row.replayed_at?.toISOString() ?? null,
});

/** Whether the record's value is not with the dead letter. */
export const isValueOmitted = ({ headers }: Pick<DeadLetterRow, 'headers'>): boolean =>
  valueOmitted in headers;

/** Whether a header is not as it came: bytes that are no text were replaced. */
export const isAltered = ({ headers }: Pick<DeadLetterRow, 'headers'>): boolean =>
  Object.entries(headers)
    .flat()
    .some((text) => text.includes(replacement));

/** The record as it was on its topic. */
export const recordOf = (row: DeadLetterRow): IncomingRecord => ({
  topic: row.topic,
  partition: row.partition,
  offset: BigInt(row.record_offset),
  key: row.key?.toString() ?? null,
  value: row.value,
  headers: row.headers,
  timestamp: row.received_at,
});
