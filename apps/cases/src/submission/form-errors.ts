import { submissionLimits as limits } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

export const megabytes = (bytes: number): string => `${bytes / 1024 / 1024} MB`;

export const tooLarge = (field: string, rule: string): ApiError =>
  new ApiError(413, 'UPLOAD_TOO_LARGE', `${field} ${rule}`, [{ field, rule }]);

export const tooManyFiles = (): ApiError => {
  const rule = `must be no more than ${limits.files} files, each document of an archive counted`;
  return new ApiError(400, 'TOO_MANY_FILES', `files ${rule}`, [{ field: 'files', rule }]);
};
