import { Partitioners } from 'kafkajs';

const choose = Partitioners.DefaultPartitioner();

/**
 * The partition that a key belongs to, as the producers of Java and of this project place it: murmur2 of its bytes.
 * @param partitions how many the topic has
 */
export const partitionOf = (key: string, partitions: number): number =>
  choose({
    topic: '',
    // Of a record with a key only their number is looked at.
    partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    })),
    message: { key, value: null },
  });
