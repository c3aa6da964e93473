import type { BufferedRecord } from './assigned-partition.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { reasonCode, writeDeadLetter } from './dead-letters.ts';
import type { Failures } from './failures.ts';

/** What a consumer does about records whose handler fails: it says so, and in the end gives them up. */
export class RecordHandling {
  constructor(private readonly options: ConsumerOptions) {}

  report(held: BufferedRecord, { error, tries, verdict }: Failures, batchSize = 1): void {
    this.options.log.logger.warn(
      { event: 'record.failed', ...factsOf(held), batchSize, tries, verdict, error },
      batchSize > 1 ? 'a batch could not be handled' : 'a record could not be handled',
    );
  }

  /** Resolves with `true` once the record is safe among the dead letters. */
  async giveUp(
    held: BufferedRecord,
    { error, tries }: Failures,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { log, onDeadLetter } = this.options;
    const reason = { error, code: reasonCode(error), tries };
    if (!(await writeDeadLetter(log, held, reason, signal))) return false;
    const facts = { ...factsOf(held), code: reason.code, tries };
    log.logger.error({ event: 'record.dead_lettered', ...facts, error }, 'a record was given up');
    try {
      await onDeadLetter?.({ record: held.record, error, reasonCode: reason.code, tries });
    } catch (failure) {
      log.logger.error(
        { event: 'dead_letter.unheard', ...facts, error: failure },
        'a dead letter could not be reported',
      );
    }
    return true;
  }
}

const factsOf = ({ record: { topic, partition, offset, key } }: BufferedRecord) => ({
  topic,
  partition,
  offset: offset.toString(),
  key,
});
