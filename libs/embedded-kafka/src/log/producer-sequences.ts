import { z } from 'zod';

import { ErrorCode } from '../protocol/error-code.ts';
import { BatchRefused, type BatchHeader } from '../protocol/record-batch.ts';

/** The number of batches that an idempotent producer may have in flight (KIP-98): a repetition of each is recognized. */
const REMEMBERED_BATCHES = 5;

const SequencedBatch = z.object({
  baseSequence: z.number(),
  lastSequence: z.number(),
  baseOffset: z.number(),
  lastOffset: z.number(),
});
type SequencedBatch = z.infer<typeof SequencedBatch>;

export const ProducerSnapshot = z.object({
  id: z.number(),
  epoch: z.number(),
  batches: z.array(SequencedBatch),
});
export type ProducerSnapshot = z.infer<typeof ProducerSnapshot>;

interface Producer {
  readonly epoch: number;
  readonly batches: readonly SequencedBatch[];
}

/**
 * The idempotent producers of one partition, with their epochs and last batches. Follows KIP-98 and Apache Kafka's
 * ProducerStateManager: an unknown producer may start with any sequence number, a known one must continue without a gap.
 * The `limit` producers that wrote last are remembered.
 */
export class ProducerSequences {
  private readonly producers = new Map<number, Producer>();

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.producers.size;
  }

  /** The offsets of the batch if it was appended before; undefined if it is the next one. Throws BatchRefused if it is neither. */
  findRepeated(batch: BatchHeader): { baseOffset: number; lastOffset: number } | undefined {
    if (batch.producerId < 0) return undefined;
    const producer = this.producers.get(batch.producerId);
    if (!producer) return undefined;
    if (batch.producerEpoch < producer.epoch)
      throw new BatchRefused(
        ErrorCode.invalidProducerEpoch,
        `Producer ${batch.producerId} is at epoch ${producer.epoch}, not ${batch.producerEpoch}`,
      );
    const continues = batch.producerEpoch === producer.epoch;
    const repeated = continues && producer.batches.find((known) => isSame(known, batch));
    if (repeated) return repeated;
    const last = producer.batches.at(-1);
    const expected = continues && last ? (last.lastSequence + 1) & 0x7fffffff : 0;
    if (batch.baseSequence !== expected)
      throw new BatchRefused(
        ErrorCode.outOfOrderSequenceNumber,
        `Producer ${batch.producerId} sent sequence ${batch.baseSequence} instead of ${expected}`,
      );
    return undefined;
  }

  /** Remembers a batch with its offsets in the log. */
  remember(batch: BatchHeader): void {
    if (batch.producerId < 0) return;
    const { baseSequence, lastSequence, baseOffset, lastOffset } = batch;
    const known = this.producers.get(batch.producerId);
    const before = known?.epoch === batch.producerEpoch ? known.batches : [];
    const batches = [...before, { baseSequence, lastSequence, baseOffset, lastOffset }];
    this.store(batch.producerId, {
      epoch: batch.producerEpoch,
      batches: batches.slice(-REMEMBERED_BATCHES),
    });
  }

  /** The producers and their batches below the offset `end`; the producer that wrote last is the last one. */
  snapshot(end: number): ProducerSnapshot[] {
    return [...this.producers]
      .map(([id, { epoch, batches }]) => ({
        id,
        epoch,
        batches: batches.filter(({ lastOffset }) => lastOffset < end),
      }))
      .filter(({ batches }) => batches.length > 0);
  }

  restore(snapshot: readonly ProducerSnapshot[]): void {
    this.producers.clear();
    for (const { id, epoch, batches } of snapshot) this.store(id, { epoch, batches });
  }

  private store(id: number, producer: Producer): void {
    this.producers.delete(id);
    this.producers.set(id, producer);
    if (this.producers.size <= this.limit) return;
    for (const [leastRecent] of this.producers) {
      this.producers.delete(leastRecent);
      return;
    }
  }
}

function isSame(known: SequencedBatch, batch: BatchHeader): boolean {
  return known.baseSequence === batch.baseSequence && known.lastSequence === batch.lastSequence;
}
