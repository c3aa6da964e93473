/** A record to append. Records with one key keep their order on one topic; a `null` key asks for no order. */
export interface OutgoingRecord {
  topic: string;
  key: string | null;
  /** `null` is a tombstone on a compacted topic. */
  value: Buffer | string | null;
  headers?: Record<string, string>;
  /** Overrides the murmur2 hash of the key. */
  partition?: number;
}

/** A record as it was read: the bytes of its value, its key and headers as UTF-8. */
export interface IncomingRecord {
  topic: string;
  partition: number;
  offset: bigint;
  key: string | null;
  value: Buffer | null;
  headers: Record<string, string>;
  timestamp: Date;
}

/** What a topic has to look like. Times are in milliseconds; without `retentionMs` the broker's default holds. */
export interface TopicSpec {
  topic: string;
  partitions: number;
  /** Keeps the last record of every key instead of the records of a period. */
  compacted?: boolean;
  retentionMs?: number;
}

/** The topic that keeps what could not be handled: `<topic>.dlq`. */
export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;
