import { z } from 'zod';

/** Why a ZIP archive is refused as a whole. Partners see these codes: they are stable. */
export const ArchiveErrorCode = z.enum([
  /** Damaged, contradictory, or with an entry that is no ordinary file. */
  'ARCHIVE_INVALID',
  /** A name that leads out of the archive, or that is no relative path. */
  'ARCHIVE_PATH_UNSAFE',
  /** More entries or more inflated bytes than allowed. */
  'ARCHIVE_TOO_LARGE',
  /** A ZIP archive inside it. */
  'ARCHIVE_NESTED',
  /** No document in it. */
  'ARCHIVE_EMPTY',
]);
export type ArchiveErrorCode = z.infer<typeof ArchiveErrorCode>;

/** The archive is at fault: another attempt ends the same. The message may be shown to partners. */
export class ArchiveError extends Error {
  readonly retriable = false;
  readonly code: ArchiveErrorCode;
  constructor(code: ArchiveErrorCode, message: string) {
    super(message);
    this.name = 'ArchiveError';
    this.code = code;
  }
}
