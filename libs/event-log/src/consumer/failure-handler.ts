import type { BufferedRecord } from './assigned-partition.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { reasonCode, writeDeadLetter } from './dead-letters.ts';
import type { Failures } from './failures.ts';

/** Logs failures of handlers, and writes records that cannot be processed to the dead letter topic. */
export class FailureHandler {
  constructor(private readonly options: ConsumerOptions) {}

  report(buffered: BufferedRecord, { error, tries, action }: Failures, batchSize = 1): void {
    this.options.log.logger.warn(
      { event: 'record.failed', ...logFieldsOf(buffered), batchSize, tries, action, error },
      batchSize > 1 ? 'the handler of a batch failed' : 'the handler of a record failed',
    );
  }

  /** Dead-letters a record. Resolves with `true` when the dead letter is acknowledged, with `false` if the signal aborts before. */
  async giveUp(
    buffered: BufferedRecord,
    { error, tries }: Failures,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { log, onDeadLetter } = this.options;
    const reason = { error, code: reasonCode(error), tries };
    if (!(await writeDeadLetter(log, buffered, reason, signal))) return false;
    const fields = { ...logFieldsOf(buffered), code: reason.code, tries };
    log.logger.error(
      { event: 'record.dead_lettered', ...fields, error },
      'a record is dead-lettered',
    );
    try {
      await onDeadLetter?.({ record: buffered.record, error, reasonCode: reason.code, tries });
    } catch (failure) {
      log.logger.error(
        { event: 'dead_letter.report_failed', ...fields, error: failure },
        'a dead letter could not be reported',
      );
    }
    return true;
  }
}

const logFieldsOf = ({ record: { topic, partition, offset, key } }: BufferedRecord) => ({
  topic,
  partition,
  offset: offset.toString(),
  key,
});
