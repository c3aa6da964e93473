import type { TopicCatalog } from '../catalog/topic-catalog.ts';
import type { Appended } from '../log/partition-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { ProducedPartition, ProduceRequest, ProduceResponse } from '../protocol/produce.ts';
import { acceptProducedBatch, BatchRefused } from '../protocol/record-batch.ts';
import { errorCodeOf } from './error-code-of.ts';
import type { RequestContext } from './request-context.ts';

/** Appends the batches of a request in order, and responds when all of them are on disk. */
export class ProduceHandler {
  constructor(
    private readonly topics: TopicCatalog,
    private readonly maxBatchBytes: number,
  ) {}

  async produce(
    request: ProduceRequest,
    context: RequestContext,
  ): Promise<ProduceResponse | undefined> {
    const topics = await Promise.all(
      request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(
          partitions.map(({ index, records }) =>
            this.produceTo(name, index, () => this.append(request, name, index, records)),
          ),
        ),
      })),
    );
    if (request.acks !== 0) return { topics };
    const failed = topics.some(({ partitions }) => partitions.some(({ error }) => error !== 0));
    if (failed) context.disconnect();
    return undefined;
  }

  private async produceTo(
    topic: string,
    index: number,
    append: () => Appended,
  ): Promise<ProducedPartition> {
    const logStartOffset = this.topics.log(topic, index)?.startOffset ?? -1;
    try {
      const { baseOffset, durable } = append();
      await durable;
      return { index, error: ErrorCode.none, baseOffset, logStartOffset };
    } catch (error) {
      return { index, error: errorCodeOf(error), baseOffset: -1, logStartOffset };
    }
  }

  private append(
    { acks, transactionalId }: ProduceRequest,
    name: string,
    index: number,
    records: Buffer | null,
  ): Appended {
    if (acks !== 0 && acks !== 1 && acks !== -1)
      throw new BatchRefused(ErrorCode.invalidRequiredAcks, `acks cannot be ${acks}`);
    if (transactionalId !== null)
      throw new BatchRefused(ErrorCode.invalidRequest, 'Transactions are not supported');
    const topic = this.topics.get(name);
    const log = topic?.logs[index];
    if (!topic || !log)
      throw new BatchRefused(
        ErrorCode.unknownTopicOrPartition,
        `There is no partition ${index} of topic ${name}`,
      );
    const limit = topic.configs['max.message.bytes'];
    const maxBytes = limit === undefined ? this.maxBatchBytes : Number(limit);
    const batch = acceptProducedBatch(records, maxBytes);
    return log.append(batch);
  }
}
