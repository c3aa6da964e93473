import { Kafka, logLevel } from 'kafkajs';
import { expect, test, vi } from 'vitest';

import { type Cluster, clusterOf } from './kafkajs-cluster.ts';

/** The methods of a cluster that `fetchTopicsOffset` of kafkajs uses. */
interface ClusterInternals extends Cluster {
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  findBroker(broker: { nodeId: string }): Promise<object>;
}

type ListOffsets = (request: {
  topics: { topic: string; partitions: { partition: number }[] }[];
}) => Promise<object>;

const kafka = () => new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING });

test('a cluster of kafkajs has every method that the event log uses', () => {
  const cluster = clusterOf(kafka());
  expect(cluster).toMatchObject({
    connect: expect.any(Function),
    disconnect: expect.any(Function),
    addMultipleTargetTopics: expect.any(Function),
    refreshMetadataIfNecessary: expect.any(Function),
    findTopicPartitionMetadata: expect.any(Function),
    fetchTopicsOffset: expect.any(Function),
  } satisfies Record<keyof Cluster, unknown>);
});

test('a kafkajs client without the method that creates a cluster is refused', () => {
  expect(() => clusterOf({} as Kafka)).toThrow('this version of kafkajs cannot create a cluster');
});

test('the last offsets of several topics are fetched in one request for each broker', async () => {
  const cluster = clusterOf(kafka()) as ClusterInternals;
  const listOffsets = vi.fn<ListOffsets>(({ topics }) =>
    Promise.resolve({
      responses: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, offset: '7' })),
      })),
    }),
  );
  vi.spyOn(cluster, 'findLeaderForPartitions').mockReturnValue({ '1': [0], '2': [1] });
  vi.spyOn(cluster, 'findBroker').mockResolvedValue({ listOffsets });
  const partitions = [{ partition: 0 }, { partition: 1 }];
  const offsets = await cluster.fetchTopicsOffset(
    ['a', 'b'].map((topic) => ({ topic, fromBeginning: false as const, partitions })),
  );
  expect(offsets).toEqual(
    ['a', 'b'].map((topic) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, offset: '7' })),
    })),
  );
  const latest = -1;
  const requested = (partition: number) =>
    ['a', 'b'].map((topic) => ({ topic, partitions: [{ partition, timestamp: latest }] }));
  expect(listOffsets.mock.calls.map(([{ topics }]) => topics)).toEqual([
    requested(0),
    requested(1),
  ]);
});
