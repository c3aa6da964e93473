import { Partitioners } from 'kafkajs';

const choose = Partitioners.DefaultPartitioner();

/**
 * The partition of a key: murmur2 of its bytes, as the Java producer and the producer of this library compute it.
 * @param partitions the number of partitions of the topic
 */
export const partitionOf = (key: string, partitions: number): number =>
  choose({
    topic: '',
    // For a record with a key the partitioner uses only the number of partitions.
    partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    })),
    message: { key, value: null },
  });
