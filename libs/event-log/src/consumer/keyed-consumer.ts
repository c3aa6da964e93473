import type { IncomingRecord } from '../client/record.ts';
import { traced } from '../client/tracing.ts';
import type { AssignedPartition, BufferedRecord } from './assigned-partition.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { Failures } from './failures.ts';
import { PartitionConsumer } from './partition-consumer.ts';
import { RecordHandling } from './record-handling.ts';

export interface KeyedConsumerOptions extends ConsumerOptions {
  /**
   * Handles a record; rejecting is a failure. A record may come again, after a crash or a rebalance, so that handling it
   * twice has to do no harm. The signal aborts when the partition is lost: what comes of the record then is void.
   */
  handle(record: IncomingRecord, context: { signal: AbortSignal }): Promise<void>;
  /** Most handlers running at once. Default 16. */
  concurrency?: number;
}

/** What waits for its turn behind one key. */
interface Lane {
  readonly id: string;
  readonly queue: BufferedRecord[];
}

/**
 * Handles the records of a key one after the other, and those of different keys at once, up to `concurrency`. Records
 * without a key have no order. A key whose record fails waits for it, and only that key, as long as what waits behind it
 * leaves room in memory.
 *
 * `highWater` (default: twice the concurrency) bounds the records in memory. Only the contiguous prefix of handled
 * records is committed, so that a crash repeats records and loses none.
 */
export class KeyedConsumer {
  private readonly consumption: PartitionConsumer;
  private readonly handling: RecordHandling;
  private readonly lanes = new WeakMap<AssignedPartition, Map<string, Lane>>();

  constructor(private readonly options: KeyedConsumerOptions) {
    const { concurrency = 16 } = options;
    this.handling = new RecordHandling(options);
    this.consumption = new PartitionConsumer({
      ...options,
      concurrency,
      highWater: options.highWater ?? 2 * concurrency,
      accept: (partition, held) => {
        this.accept(partition, held);
      },
    });
  }

  /** Records in memory: being handled, or waiting for it. */
  get held(): number {
    return this.consumption.held;
  }

  /** Whether the broker was heard of within the last 10 s, as a member of the group. */
  get healthy(): boolean {
    return this.consumption.healthy;
  }

  /** Resolves once the group has let it in; it tries until then, and again after every crash. */
  start(): Promise<void> {
    return this.consumption.start();
  }

  /** Lets running handlers end (for `drainMs` at most), commits, and leaves the group. */
  stop(): Promise<void> {
    return this.consumption.stop();
  }

  private accept(partition: AssignedPartition, held: BufferedRecord): void {
    const { key, offset } = held.record;
    // Without a key a record is a lane of its own.
    const id = `${this.options.groupId}/${partition.topic}/${partition.partition}/${key === null ? offset : `=${key}`}`;
    const lanes = this.lanes.get(partition) ?? new Map<string, Lane>();
    this.lanes.set(partition, lanes);
    const lane = lanes.get(id);
    if (lane) {
      lane.queue.push(held);
      return;
    }
    const begun = { id, queue: [held] };
    lanes.set(id, begun);
    this.consumption.undertake(partition, this.work(partition, begun, lanes), () => {
      for (const _ of begun.queue.splice(0)) this.consumption.drop(partition);
    });
  }

  private async work(
    partition: AssignedPartition,
    lane: Lane,
    lanes: Map<string, Lane>,
  ): Promise<void> {
    for (let held = lane.queue[0]; held; held = lane.queue[0]) {
      const finished = await this.handle(partition, lane.id, held);
      lane.queue.shift();
      if (finished) this.consumption.finish(partition, held);
      else this.consumption.drop(partition);
    }
    // In the same turn in which it was seen empty: the next record of this key begins a lane.
    lanes.delete(lane.id);
  }

  /** Resolves with `false` when the partition was lost before the record was handled. */
  private async handle(
    partition: AssignedPartition,
    id: string,
    held: BufferedRecord,
  ): Promise<boolean> {
    const { signal } = partition;
    const failures = new Failures(this.options.retry);
    for (;;) {
      const end = await this.consumption.turn(id, signal);
      if (!end) return false;
      try {
        const { record } = held;
        await traced(this.options.groupId, [record], () => this.options.handle(record, { signal }));
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        failures.add(error);
        this.handling.report(held, failures);
        if (failures.final) return await this.handling.giveUp(held, failures, signal);
      } finally {
        end();
      }
      await failures.pause(signal);
    }
  }
}
