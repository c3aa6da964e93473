import { currentTraceparent } from '@casewire/telemetry';
import type { IHeaders, KafkaMessage } from 'kafkajs';

import type { IncomingRecord, OutgoingRecord } from './record.ts';

/** A record in the form that the producer sends. Keys of our records are strings; a dead letter keeps the bytes of the original key. */
export interface EncodedRecord {
  topic: string;
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers: IHeaders;
  partition?: number;
}

/** Adds the active trace as the header `traceparent`, unless the record has that header. */
export function encode({ topic, key, value, headers, partition }: OutgoingRecord): EncodedRecord {
  const traceparent = headers?.traceparent ?? currentTraceparent();
  return {
    topic,
    key,
    value,
    headers: { ...headers, ...(traceparent !== undefined && { traceparent }) },
    ...(partition !== undefined && { partition }),
  };
}

export function decode(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key?.toString() ?? null,
    value: message.value,
    headers: decodeHeaders(message.headers ?? {}),
    timestamp: new Date(Number(message.timestamp)),
  };
}

function decodeHeaders(headers: IHeaders): Record<string, string> {
  // Built from entries, so that a header named `__proto__` is kept like any other.
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      // Kafka allows several headers of the same name; the last one is used.
      const last = Array.isArray(value) ? value.at(-1) : value;
      return last === undefined ? [] : [[name, last.toString()]];
    }),
  );
}

// The largest size, in bytes, of length prefixes, offset and timestamp deltas of a record (Kafka protocol, record format v2).
const recordOverhead = 40;
const headerOverhead = 10;

/** Upper bound of a record's size on the wire, in bytes. */
export function wireSize({ key, value, headers }: EncodedRecord): number {
  let bytes = recordOverhead + sizeOf(key) + sizeOf(value);
  for (const [name, content] of Object.entries(headers)) {
    for (const one of Array.isArray(content) ? content : [content]) {
      bytes += headerOverhead + sizeOf(name) + sizeOf(one);
    }
  }
  return bytes;
}

const sizeOf = (content: Buffer | string | null | undefined): number =>
  content == null ? 0 : Buffer.byteLength(content);
