import { createReadStream } from 'node:fs';

import { submissionLimits as limits, type IgnoredFile } from '@casewire/contracts';
import { isArchive, unpack } from '@casewire/reading';

import { tooManyFiles } from './form-errors.ts';
import { inspectionError } from './inspection-error.ts';
import { checkArchiveExtension, receiveFile, type ReceivedFile } from './received-file.ts';
import type { TemporaryFiles } from './temporary-files.ts';

/** A document of a form: a file, or a file of an archive. */
export interface FormDocument extends ReceivedFile {
  /** The index of the form's file. */
  file: number;
  /** The name of the archive, and the document's path in it; null for a file that is the document. */
  archive: { name: string; path: string } | null;
}

export interface FormDocuments {
  documents: FormDocument[];
  ignored: IgnoredFile[];
}

/**
 * The documents of a form: its files, in their order, with the documents of a ZIP archive in its place.
 * @param temporary receives the documents of archives
 * @throws ApiError that names the file: an archive is refused, or there are too many documents or inflated bytes
 */
export async function documentsOf(
  files: readonly ReceivedFile[],
  { temporary, organizationId }: { temporary: TemporaryFiles; organizationId: string },
): Promise<FormDocuments> {
  const found: FormDocuments = { documents: [], ignored: [] };
  const areArchives = await Promise.all(files.map(({ path }) => isArchive(path)));
  let total = files.reduce((sum, { size }, i) => (areArchives[i] ? sum : sum + size), 0);
  for (const [i, file] of files.entries()) {
    if (areArchives[i]) {
      const totalBytes = limits.totalBytes - total;
      const archive = await openArchive(file, i, { temporary, organizationId, totalBytes });
      found.documents.push(...archive.documents);
      found.ignored.push(...archive.ignored);
      total += archive.inflated;
    } else {
      found.documents.push({ ...file, file: i, archive: null });
    }
    if (found.documents.length > limits.files) throw tooManyFiles();
  }
  return found;
}

async function openArchive(
  archive: ReceivedFile,
  file: number,
  {
    temporary,
    organizationId,
    totalBytes,
  }: { temporary: TemporaryFiles; organizationId: string; totalBytes: number },
): Promise<FormDocuments & { inflated: number }> {
  const field = `files.${file}`;
  checkArchiveExtension(archive, field);
  const into = temporary.newPath();
  const { documents, ignored, inflated } = await unpack(archive.path, {
    into,
    totalBytes,
    organizationId,
  }).catch((error: unknown) => {
    throw inspectionError(error, field);
  });
  if (documents.length > limits.files) throw tooManyFiles();
  const opened: FormDocument[] = [];
  for (const { path, startsAt, size } of documents) {
    const source = createReadStream(into, { start: startsAt, end: startsAt + size - 1 });
    const name = path.split('/').at(-1)!;
    const received = await receiveFile(source, name, temporary.newPath(), () => undefined);
    opened.push({ ...received, file, archive: { name: archive.name, path } });
  }
  await temporary.remove(into);
  return {
    documents: opened,
    ignored: ignored.map((one) => ({ archive: archive.name, ...one })),
    inflated,
  };
}
