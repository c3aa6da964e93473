import { isUtf8 } from 'node:buffer';

import { type Entry, fromBufferPromise, getFileNameLowLevel, type ZipFile } from 'yauzl';

import { ArchiveError } from './archive-error.ts';
import { entryPath } from './entry-path.ts';

/** An entry of an archive: where its data are, and what its header says about them. */
export interface ZipEntry {
  /** From 1, in the order of the directory. */
  number: number;
  path: string;
  isFolder: boolean;
  isEncrypted: boolean;
  /** 0: stored, 8: deflated, or one that is not supported. */
  method: number;
  crc32: number;
  /** The claimed size of the inflated data. */
  size: number;
  /** Where the entry, and its data, begin and end in the archive. */
  startsAt: number;
  dataAt: number;
  endsAt: number;
}

const directorySignature = 0x02014b50;

/** The part of a Unix mode that says what an entry is (sys/stat.h), and its values for files and folders. */
const fileType = 0o170000;
const ordinaryTypes = new Set([0, 0o100000, 0o040000]);
/** Systems on which an archive was made, whose attributes are a Unix mode: Unix and macOS (APPNOTE 4.4.2). */
const unixHosts = new Set([3, 19]);

/** General purpose flag: the name is UTF-8. */
const utf8Flag = 0x800;

const invalid = (reason: string) => new ArchiveError('ARCHIVE_INVALID', reason);

/**
 * Reads the central directory of a ZIP archive (PKWARE APPNOTE 6.3.10, with ZIP64) and checks it: every name is a safe path and occurs
 * once, every entry is a file or a folder, and no two share bytes, so that the data inflate to no more than their sum.
 * @param maximumEntries more entries are refused before they are read
 * @throws ArchiveError ARCHIVE_INVALID, ARCHIVE_PATH_UNSAFE, ARCHIVE_TOO_LARGE
 */
export async function readDirectory(bytes: Buffer, maximumEntries: number): Promise<ZipEntry[]> {
  const zip = await opened(bytes);
  if (zip.entryCount > maximumEntries)
    throw new ArchiveError(
      'ARCHIVE_TOO_LARGE',
      `the archive has ${zip.entryCount} entries; ${maximumEntries} are allowed`,
    );
  const directoryAt = Number(zip.readEntryCursor);
  const entries: ZipEntry[] = [];
  try {
    for await (const entry of zip.eachEntry())
      entries.push(await located(zip, entry, entries.length + 1));
  } catch (error) {
    throw error instanceof ArchiveError ? error : damaged();
  }
  const rest = Number(zip.readEntryCursor);
  if (rest + 4 <= bytes.length && bytes.readUInt32LE(rest) === directorySignature)
    throw invalid('the archive has more entries than its directory says');
  checkNames(entries);
  checkPlaces(entries, directoryAt);
  return entries;
}

const damaged = () => invalid('the archive is damaged or cut off');

async function opened(bytes: Buffer): Promise<ZipFile> {
  try {
    // Names are decoded and checked here: an unsafe name has a code of its own.
    return await fromBufferPromise(bytes, { decodeStrings: false });
  } catch {
    throw damaged();
  }
}

async function located(zip: ZipFile, entry: Entry, number: number): Promise<ZipEntry> {
  const { fileNameRaw, relativeOffsetOfLocalHeader } = entry;
  const name = nameOf(entry);
  const path = entryPath(name, number);
  if (!isOrdinary(entry)) throw invalid(`entry ${number} is a link or a special file`);
  const local = await zip.readLocalFileHeaderPromise(entry);
  // Programs that read archives use one of the two: the name would depend on the program.
  if (!local.fileName.equals(fileNameRaw)) throw invalid(`entry ${number} has two different names`);
  return {
    number,
    path,
    isFolder: name.endsWith('/'),
    isEncrypted: entry.isEncrypted(),
    method: entry.compressionMethod,
    crc32: entry.crc32,
    size: entry.uncompressedSize,
    startsAt: relativeOffsetOfLocalHeader,
    dataAt: local.fileDataStart,
    endsAt: local.fileDataStart + entry.compressedSize,
  };
}

/**
 * The decoded name: by the flag for UTF-8 and the field for Unicode names, else in code page 437 (APPNOTE, appendix D). Info-ZIP
 * writes UTF-8 on Unix without the flag: a name that was written on Unix is read as UTF-8 if its bytes are valid UTF-8.
 */
function nameOf(entry: Entry): string {
  const { fileNameRaw, extraFields, generalPurposeBitFlag: flags, versionMadeBy } = entry;
  const isByUnix = unixHosts.has(versionMadeBy >>> 8) && isUtf8(fileNameRaw);
  return getFileNameLowLevel(isByUnix ? flags | utf8Flag : flags, fileNameRaw, extraFields, true);
}

function isOrdinary({ versionMadeBy, externalFileAttributes }: Entry): boolean {
  if (!unixHosts.has(versionMadeBy >>> 8)) return true;
  return ordinaryTypes.has((externalFileAttributes >>> 16) & fileType);
}

function checkNames(entries: readonly ZipEntry[]): void {
  const seen = new Map<string, number>();
  for (const { path, number } of entries) {
    const name = path.normalize('NFC');
    const other = seen.get(name);
    if (other !== undefined) throw invalid(`entries ${other} and ${number} have the same name`);
    seen.set(name, number);
  }
}

function checkPlaces(entries: readonly ZipEntry[], directoryAt: number): void {
  let end = 0;
  for (const { number, startsAt, endsAt } of entries.toSorted((a, b) => a.startsAt - b.startsAt)) {
    if (startsAt < end || endsAt > directoryAt)
      throw invalid(`entry ${number} overlaps another part of the archive`);
    end = endsAt;
  }
}
