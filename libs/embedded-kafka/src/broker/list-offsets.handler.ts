import type { TopicCatalog } from '../catalog/topic-catalog.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import {
  OffsetQuery,
  type ListedOffset,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
} from '../protocol/list-offsets.ts';
import { errorCodeOf } from './error-code-of.ts';

const NO_OFFSET = { timestamp: -1, offset: -1 };

/** Finds the start of a log, its end, or the offset of a time. */
export class ListOffsetsHandler {
  constructor(private readonly topics: TopicCatalog) {}

  async list({ topics }: ListOffsetsRequest): Promise<ListOffsetsResponse> {
    return {
      topics: await Promise.all(
        topics.map(async ({ name, partitions }) => ({
          name,
          partitions: await Promise.all(
            partitions.map(({ index, timestamp }) => this.find(name, index, timestamp)),
          ),
        })),
      ),
    };
  }

  private async find(name: string, index: number, timestamp: number): Promise<ListedOffset> {
    const log = this.topics.log(name, index);
    if (!log) return { index, error: ErrorCode.unknownTopicOrPartition, ...NO_OFFSET };
    try {
      return { index, error: ErrorCode.none, ...(await offsetIn(log, timestamp)) };
    } catch (error) {
      return { index, error: errorCodeOf(error), ...NO_OFFSET };
    }
  }
}

async function offsetIn(log: PartitionLog, timestamp: number) {
  if (timestamp === OffsetQuery.latest) return { timestamp: -1, offset: log.highWatermark };
  if (timestamp === OffsetQuery.earliest) return { timestamp: -1, offset: log.startOffset };
  return (await log.findSince(timestamp)) ?? NO_OFFSET;
}
