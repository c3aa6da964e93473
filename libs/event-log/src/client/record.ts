/** A record to append. Records with the same key on the same topic keep their order; records with a `null` key have none. */
export interface OutgoingRecord {
  topic: string;
  key: string | null;
  /** `null` is a tombstone on a compacted topic. */
  value: Buffer | string | null;
  headers?: Record<string, string>;
  /** Overrides the murmur2 hash of the key. */
  partition?: number;
}

/** A record that was read. Its value is bytes; its key and headers are decoded as UTF-8. */
export interface IncomingRecord {
  topic: string;
  partition: number;
  offset: bigint;
  key: string | null;
  value: Buffer | null;
  headers: Record<string, string>;
  timestamp: Date;
}

/** The required properties of a topic. Times are in milliseconds; without `retentionMs` the default of the broker applies. */
export interface TopicSpec {
  topic: string;
  partitions: number;
  /** Keeps the last record of each key instead of all records of a period. */
  compacted?: boolean;
  retentionMs?: number;
}

/** The topic of the dead letters of a topic: `<topic>.dlq`. */
export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;
