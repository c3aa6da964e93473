import type { Kafka } from 'kafkajs';

export interface AskedTopic {
  topic: string;
  fromBeginning: false;
  partitions: { partition: number }[];
}

/** What of a cluster of kafkajs 2.2.4 is used here. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
  /** One request to each broker that leads any of the partitions. */
  fetchTopicsOffset(
    topics: readonly AskedTopic[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
}

/**
 * kafkajs asks for the offsets of several topics in one request, and lets an admin ask only of one topic, and of both its
 * ends one after the other: eight requests where one answers.
 */
export function clusterOf(kafka: Kafka): Cluster {
  const name = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (!name) throw new Error('kafkajs is not as it was in version 2.2.4');
  const create = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[name]!;
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false });
}
