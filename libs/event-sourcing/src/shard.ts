import { createHash } from 'node:crypto';

/**
 * The number of shards in which domain events are published. A stream is always in the same shard. The number never changes, since
 * stored rows have the shard.
 */
export const shardCount = 8;

/** The shard of a stream: 0 to `shardCount` - 1. */
export const shardOf = (streamId: string): number =>
  createHash('sha256').update(streamId).digest().readUInt16BE(0) % shardCount;
