import type { ErrorCode } from '../protocol/error-code.ts';

/** The log takes and gives nothing for now; `answer` is what a client is told. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
  readonly code = 'KAFKA_LOG_UNAVAILABLE';
  readonly retriable = true;

  constructor(
    readonly answer: ErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** The log has nothing at that offset: it was removed by retention, or is not yet written. */
export class OffsetOutOfRange extends Error {
  override readonly name = 'OffsetOutOfRange';
  readonly code = 'KAFKA_OFFSET_OUT_OF_RANGE';
  readonly retriable = false;
}

/** Records that were on disk for sure are no longer readable as they were. The log stays closed instead of guessing. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
  readonly code = 'KAFKA_LOG_DAMAGED';
  readonly retriable = false;
}
