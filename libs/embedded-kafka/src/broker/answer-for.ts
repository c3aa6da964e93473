import { JournalUnavailable } from '../catalog/journal.ts';
import { TopicRefused } from '../catalog/topic-config.ts';
import { LogDamaged, LogUnavailable, OffsetOutOfRange } from '../log/log-errors.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { BatchRefused } from '../protocol/record-batch.ts';

/** What a client is told of an error. Errors of the file system itself are storage errors too; anything else is thrown on. */
export function answerFor(error: unknown): ErrorCode {
  if (
    error instanceof BatchRefused ||
    error instanceof TopicRefused ||
    error instanceof LogUnavailable
  )
    return error.answer;
  if (error instanceof OffsetOutOfRange) return ErrorCode.offsetOutOfRange;
  if (error instanceof JournalUnavailable || error instanceof LogDamaged)
    return ErrorCode.kafkaStorageError;
  if (error instanceof Error && 'syscall' in error) return ErrorCode.kafkaStorageError;
  throw error;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
