import { submissionLimits } from '@casewire/contracts';
import { isReaderUnavailable } from '@casewire/reading';
import { ArchiveError, DocumentError } from '@casewire/sandbox';
import { ApiError } from '@casewire/service';

const statusOf: Partial<Record<(ArchiveError | DocumentError)['code'], number>> = {
  UNSUPPORTED_MEDIA_TYPE: 415,
  ARCHIVE_TOO_LARGE: 413,
};

/**
 * The API error for a file that could not be inspected; other errors are returned as they are.
 * @param field the file of the form
 * @param path of the document in the file, if that is an archive
 */
export function inspectionError(error: unknown, field: string, path?: string): unknown {
  if (isReaderUnavailable(error)) {
    // The file was not inspected: the same request may succeed in a moment.
    const detail = `${field}: the file cannot be inspected now; send the request again`;
    return new ApiError(503, 'UNAVAILABLE', detail, [], { 'retry-after': '5' });
  }
  if (!(error instanceof DocumentError || error instanceof ArchiveError)) return error;
  const { code, message } = error;
  const limit =
    code === 'DOCUMENT_TOO_MANY_PAGES' ? ` (at most ${submissionLimits.pages} pages)` : '';
  const rule = path === undefined ? message : `${path}: ${message}`;
  return new ApiError(statusOf[code] ?? 422, code, `${field}: ${rule}${limit}`, [{ field, rule }]);
}
