import { JournalUnavailable } from '../catalog/journal.ts';
import { TopicRefused } from '../catalog/topic-config.ts';
import { LogDamaged, LogUnavailable, OffsetOutOfRange } from '../log/log-errors.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { BatchRefused } from '../protocol/record-batch.ts';

/** The error code for a client. Errors of the file system are storage errors, too; any other error is thrown again. */
export function errorCodeOf(error: unknown): ErrorCode {
  if (
    error instanceof BatchRefused ||
    error instanceof TopicRefused ||
    error instanceof LogUnavailable
  )
    return error.errorCode;
  if (error instanceof OffsetOutOfRange) return ErrorCode.offsetOutOfRange;
  if (error instanceof JournalUnavailable || error instanceof LogDamaged)
    return ErrorCode.kafkaStorageError;
  if (error instanceof Error && 'syscall' in error) return ErrorCode.kafkaStorageError;
  throw error;
}

/** The message of an error; the text of any other thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
