import { ArchiveError } from './archive-error.ts';

const longestPath = 1024;
const longestName = 255;

/** Why the path is refused, or null for a relative path below the archive. */
function faultOf(path: string, segments: string[]): string | null {
  if (path.length > longestPath) return `is longer than ${longestPath} characters`;
  if (/\p{Cc}/u.test(path)) return 'contains control characters';
  if (path.includes('\\')) return 'contains a backslash';
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is an absolute path';
  if (segments.includes('..')) return 'leads out of a folder';
  if (segments.length === 0) return 'is empty';
  if (segments.at(-1)!.length > longestName) return `ends in more than ${longestName} characters`;
  return null;
}

/**
 * The path of an entry of an archive, without empty parts and `.`.
 * @param number of the entry, from 1, for the error
 * @throws ArchiveError ARCHIVE_PATH_UNSAFE for a path that is absolute, leads out of a folder, has a backslash, a drive or
 *   control characters, or is too long
 */
export function entryPath(path: string, number: number): string {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  const fault = faultOf(path, segments);
  if (fault === null) return segments.join('/');
  throw new ArchiveError('ARCHIVE_PATH_UNSAFE', `the name of entry ${number} ${fault}`);
}
