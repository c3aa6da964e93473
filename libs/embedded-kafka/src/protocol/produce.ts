import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface ProduceRequest {
  readonly transactionalId: string | null;
  /** 0: no response; 1 and -1: a response when the records are on disk. */
  readonly acks: number;
  readonly topics: readonly {
    name: string;
    partitions: readonly { index: number; records: Buffer | null }[];
  }[];
}

export interface ProducedPartition {
  readonly index: number;
  readonly error: ErrorCode;
  readonly baseOffset: number;
  readonly logStartOffset: number;
}

export interface ProduceResponse {
  readonly topics: readonly { name: string; partitions: readonly ProducedPartition[] }[];
}

/**
 * Produce. Versions 0 to 2 have message formats before record batches and are refused. They are advertised nevertheless, as Apache Kafka
 * 4 does, because librdkafka before 2.8 compresses only for brokers that advertise them (KAFKA-18659).
 */
export const produce: Api<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: 'Produce',
  versions: [3, 7],
  readRequest(reader) {
    const transactionalId = reader.nullableString();
    const acks = reader.int16();
    reader.int32();
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => ({ index: reader.int32(), records: reader.nullableBytes() })),
    }));
    return { transactionalId, acks, topics };
  },
  writeResponse(writer, { topics }, version) {
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, (partition) => {
        writer.int32(partition.index).int16(partition.error).int64(partition.baseOffset);
        writer.int64(-1);
        if (version >= 5) writer.int64(partition.logStartOffset);
      });
    });
    writer.int32(0);
  },
};
