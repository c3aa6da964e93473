import type { TopicCatalog } from '../catalog/topic-catalog.ts';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../protocol/offset-commit.ts';
import type {
  CommittedPartition,
  OffsetFetchRequest,
  OffsetFetchResponse,
} from '../protocol/offset-fetch.ts';
import { errorCodeOf } from './error-code-of.ts';

/** As Apache Kafka's offset.metadata.max.bytes. */
const MAX_METADATA = 4096;

/** Stores and returns the committed offsets of groups. */
export class OffsetsHandler {
  constructor(
    private readonly groups: GroupCoordinator,
    private readonly topics: TopicCatalog,
  ) {}

  async commit(request: OffsetCommitRequest): Promise<OffsetCommitResponse> {
    const { groupId, memberId, generation } = request;
    const refused = this.groups.checkCommit(groupId, memberId, generation);
    const checked = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => ({
        ...partition,
        error: refused === ErrorCode.none ? this.check(name, partition) : refused,
      })),
    }));
    const offsets = checked.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ error }) => error === ErrorCode.none)
        .map(({ index, offset, metadata }) => ({
          topic: name,
          partition: index,
          offset,
          metadata,
        })),
    );
    const failure = await this.record(groupId, offsets);
    return {
      topics: checked.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index, error }) => ({
          index,
          error: error === ErrorCode.none ? failure : error,
        })),
      })),
    };
  }

  fetch({ groupId, topics }: OffsetFetchRequest): OffsetFetchResponse {
    if (topics === null) return { error: ErrorCode.none, topics: this.allOffsetsOf(groupId) };
    return {
      error: ErrorCode.none,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((index) => {
          const known = this.groups.committed(groupId, name, index);
          return { index, offset: known?.offset ?? -1, metadata: known?.metadata ?? null };
        }),
      })),
    };
  }

  private allOffsetsOf(groupId: string): { name: string; partitions: CommittedPartition[] }[] {
    const byTopic = Map.groupBy(this.groups.committedBy(groupId), ({ topic }) => topic);
    return [...byTopic].map(([name, offsets]) => ({
      name,
      partitions: offsets.map(({ partition, offset, metadata }) => ({
        index: partition,
        offset,
        metadata,
      })),
    }));
  }

  private check(topic: string, { index, metadata }: { index: number; metadata: string | null }) {
    if (!this.topics.log(topic, index)) return ErrorCode.unknownTopicOrPartition;
    if (metadata !== null && metadata.length > MAX_METADATA)
      return ErrorCode.offsetMetadataTooLarge;
    return ErrorCode.none;
  }

  private async record(
    groupId: string,
    offsets: Parameters<GroupCoordinator['commit']>[1],
  ): Promise<ErrorCode> {
    try {
      await this.groups.commit(groupId, offsets);
      return ErrorCode.none;
    } catch (error) {
      return errorCodeOf(error);
    }
  }
}
