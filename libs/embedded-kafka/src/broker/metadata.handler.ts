import type { TopicCatalog } from '../catalog/topic-catalog.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import {
  CoordinatorType,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
} from '../protocol/find-coordinator.ts';
import type { MetadataRequest, MetadataResponse } from '../protocol/metadata.ts';
import { errorCodeOf } from './error-code-of.ts';
import type { RequestContext } from './request-context.ts';

export const NODE_ID = 1;
const CLUSTER_ID = 'embedded-kafka';

export interface BrokerAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

/** Describes the cluster: this broker, which leads every partition and coordinates every group, and the topics. */
export class MetadataHandler {
  constructor(
    private readonly topics: TopicCatalog,
    private readonly addressFor: (context: RequestContext) => BrokerAddress,
    private readonly creation: { automatic: boolean; partitions: number },
  ) {}

  async describe(request: MetadataRequest, context: RequestContext): Promise<MetadataResponse> {
    const mayCreate = request.mayCreate && this.creation.automatic;
    const names = request.topics && [...new Set(request.topics)];
    const topics = names
      ? await Promise.all(names.map((name) => this.find(name, mayCreate)))
      : this.topics.all().map(({ name, partitions }) => ({ error: 0 as const, name, partitions }));
    return { broker: this.addressFor(context), clusterId: CLUSTER_ID, topics };
  }

  findCoordinator(
    { keyType }: FindCoordinatorRequest,
    context: RequestContext,
  ): FindCoordinatorResponse {
    if (keyType === CoordinatorType.group)
      return { error: ErrorCode.none, message: null, coordinator: this.addressFor(context) };
    return {
      error: ErrorCode.invalidRequest,
      message: 'Transactions are not supported',
      coordinator: { nodeId: -1, host: '', port: -1 },
    };
  }

  private async find(name: string, mayCreate: boolean) {
    try {
      const topic = mayCreate
        ? await this.topics.getOrCreate(name, this.creation.partitions)
        : this.topics.get(name);
      if (!topic) return { error: ErrorCode.unknownTopicOrPartition, name, partitions: 0 };
      return { error: ErrorCode.none, name, partitions: topic.partitions };
    } catch (error) {
      return { error: errorCodeOf(error), name, partitions: 0 };
    }
  }
}
