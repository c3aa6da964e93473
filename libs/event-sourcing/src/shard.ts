import { createHash } from 'node:crypto';

/** Facts are relayed in this many shards; a stream is always in the same one. Never changed: stored rows carry it. */
export const shardCount = 8;

export const shardOf = (streamId: string): number =>
  createHash('sha256').update(streamId).digest().readUInt16BE(0) % shardCount;
