import type { ErrorCode } from '../protocol/error-code.ts';

/** The log accepts no records and returns none for now; `errorCode` is for the client. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
  readonly code = 'KAFKA_LOG_UNAVAILABLE';
  readonly retriable = true;

  constructor(
    readonly errorCode: ErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** The log has no record at this offset: retention removed it, or it is not written yet. */
export class OffsetOutOfRange extends Error {
  override readonly name = 'OffsetOutOfRange';
  readonly code = 'KAFKA_OFFSET_OUT_OF_RANGE';
  readonly retriable = false;
}

/** Records that were flushed cannot be read any more. The log is not opened, because it cannot know the lost records. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
  readonly code = 'KAFKA_LOG_DAMAGED';
  readonly retriable = false;
}
