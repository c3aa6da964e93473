import type { TopicCatalog } from '../catalog/topic-catalog.ts';
import { acceptTopicConfigs, describeTopicConfigs, TopicRefused } from '../catalog/topic-config.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../protocol/create-partitions.ts';
import type {
  CreateTopicsRequest,
  CreateTopicsResponse,
  NewTopic,
} from '../protocol/create-topics.ts';
import type { DeleteTopicsRequest, DeleteTopicsResponse } from '../protocol/delete-topics.ts';
import {
  ConfigSource,
  ResourceType,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
  type DescribedConfig,
} from '../protocol/describe-configs.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { errorCodeOf, messageOf } from './error-code-of.ts';
import { NODE_ID } from './metadata.handler.ts';

export interface TopicDefaults {
  readonly partitions: number;
  readonly maxBatchBytes: number;
  readonly autoCreate: boolean;
}

/** Creates, deletes and describes topics. */
export class TopicsHandler {
  constructor(
    private readonly topics: TopicCatalog,
    private readonly defaults: TopicDefaults,
  ) {}

  async create(request: CreateTopicsRequest): Promise<CreateTopicsResponse> {
    const named = Map.groupBy(request.topics, ({ name }) => name);
    const topics = await Promise.all(
      [...named].map(async ([name, requested]) => {
        try {
          if (requested.length > 1)
            throw new TopicRefused(ErrorCode.invalidRequest, `Topic ${name} is named twice`);
          await this.createOne(requested[0]!, request.validateOnly);
          return { name, error: ErrorCode.none, message: null };
        } catch (error) {
          return { name, error: errorCodeOf(error), message: messageOf(error) };
        }
      }),
    );
    return { topics };
  }

  async delete({ names }: DeleteTopicsRequest): Promise<DeleteTopicsResponse> {
    const topics = await Promise.all(
      [...new Set(names)].map(async (name) => {
        try {
          await this.topics.delete(name);
          return { name, error: ErrorCode.none };
        } catch (error) {
          return { name, error: errorCodeOf(error) };
        }
      }),
    );
    return { topics };
  }

  /** Refused: with more partitions, new records of a key would go to another partition than the earlier ones. */
  refusePartitions({ topics }: CreatePartitionsRequest): CreatePartitionsResponse {
    const message = 'The number of partitions of a topic does not change';
    return {
      topics: topics.map(({ name }) => ({ name, error: ErrorCode.policyViolation, message })),
    };
  }

  describeConfigs({ resources }: DescribeConfigsRequest): DescribeConfigsResponse {
    return {
      resources: resources.map(({ type, name, configNames }) => {
        const isRequested = (config: DescribedConfig) =>
          configNames === null || configNames.includes(config.name);
        const described = this.describeResource(type, name);
        return { ...described, type, name, configs: described.configs.filter(isRequested) };
      }),
    };
  }

  private async createOne(requested: NewTopic, validateOnly: boolean): Promise<void> {
    const { name, assignments } = requested;
    const configs = acceptTopicConfigs(requested.configs);
    const partitions =
      assignments.length > 0
        ? acceptAssignments(requested)
        : requested.partitions === -1
          ? this.defaults.partitions
          : requested.partitions;
    if (
      assignments.length === 0 &&
      requested.replicationFactor !== -1 &&
      requested.replicationFactor !== 1
    )
      throw new TopicRefused(
        ErrorCode.invalidReplicationFactor,
        `A single broker cannot have ${requested.replicationFactor} replicas`,
      );
    if (validateOnly) this.topics.check(name, partitions);
    else await this.topics.create(name, partitions, configs);
  }

  private describeResource(type: number, name: string) {
    if (type === ResourceType.topic) {
      const topic = this.topics.get(name);
      if (!topic) return refuse(ErrorCode.unknownTopicOrPartition, `There is no topic ${name}`);
      const configs = describeTopicConfigs(topic.configs, this.defaults.maxBatchBytes);
      return accept(
        configs.map((config) => ({
          name: config.name,
          value: config.value,
          source: config.given ? ConfigSource.topic : ConfigSource.default,
          readOnly: true,
        })),
      );
    }
    if (type === ResourceType.broker && name === String(NODE_ID)) {
      const { partitions, maxBatchBytes, autoCreate } = this.defaults;
      const configs = Object.entries({
        'auto.create.topics.enable': autoCreate,
        'default.replication.factor': 1,
        'message.max.bytes': maxBatchBytes,
        'num.partitions': partitions,
      });
      return accept(
        configs.map(([key, value]) => ({
          name: key,
          value: String(value),
          source: ConfigSource.staticBroker,
          readOnly: true,
        })),
      );
    }
    return refuse(ErrorCode.invalidRequest, 'Only topics and this broker have settings');
  }
}

function acceptAssignments({ partitions, assignments }: NewTopic): number {
  const indexes = new Set(assignments.map(({ index }) => index));
  const complete = assignments.every((_, index) => indexes.has(index));
  const isLocal = assignments.every(
    ({ replicas }) => replicas.length === 1 && replicas[0] === NODE_ID,
  );
  if (partitions !== -1 || !complete || !isLocal)
    throw new TopicRefused(
      ErrorCode.invalidRequest,
      `An assignment must name every partition once, on broker ${NODE_ID}, without a number of partitions`,
    );
  return assignments.length;
}

function accept(configs: DescribedConfig[]) {
  return { error: ErrorCode.none, message: null, configs };
}

function refuse(error: ErrorCode, message: string) {
  return { error, message, configs: [] };
}
