import { currentTraceparent } from '@casewire/telemetry';
import type { IHeaders, KafkaMessage } from 'kafkajs';

import type { IncomingRecord, OutgoingRecord } from './record.ts';

/** A record as the producer takes it. Keys are strings in our records; a dead letter keeps the bytes it came with. */
export interface EncodedRecord {
  topic: string;
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers: IHeaders;
  partition?: number;
}

/** Adds the active trace, unless the record brings its own. */
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
  // From entries, so that a header named `__proto__` is one as any other.
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      // Kafka allows a header several times; as in HTTP the last one counts.
      const last = Array.isArray(value) ? value.at(-1) : value;
      return last === undefined ? [] : [[name, last.toString()]];
    }),
  );
}

// Length prefixes, offset and timestamp deltas of a record (Kafka protocol, record format v2), at their longest.
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
