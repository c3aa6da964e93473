import type { BlobStore } from '@casewire/blobs';
import { BlobNotFound } from '@casewire/blobs';
import type { StageRequest } from '@casewire/contracts';
import { DocumentError, parseUntrusted } from '@casewire/sandbox';

import type { DocumentSource } from '../document/page-raster.ts';
import { readerVersion, Reading } from '../text/reading.ts';
import { claim } from './reading-claim.ts';
import { StoredReading } from './stored-reading.ts';

/** A reader of documents. */
export interface Reader {
  read(source: DocumentSource, signal?: AbortSignal): Promise<Reading>;
}

export interface ReadDocument {
  blobs: BlobStore;
  reader: Reader;
  organizationId: string;
  document: Pick<StageRequest['document'], 'key' | 'sha256' | 'mediaType'> & { pages?: number };
  signal: AbortSignal;
  /** Milliseconds since 1970; claims expire by it. */
  now?: () => number;
}

const folder = (organizationId: string, sha256: string) => `readings/${organizationId}/${sha256}`;

/** A reading in progress in this process, and how many callers wait for it. */
interface SharedReading {
  result: Promise<Reading>;
  waiting: number;
  controller: AbortController;
}

const inProgress = new WeakMap<BlobStore, Map<string, SharedReading>>();

/**
 * The reading of this content in this organization: the stored one, or else a new one, which is stored. Concurrent callers,
 * in this process and in others, wait for the same reading. That a document cannot be read is stored like a reading; an
 * error of the machine is not stored.
 * @throws DocumentError where the document is at fault; BlobNotFound; the signal's reason when aborted
 */
export async function readDocument(request: ReadDocument): Promise<Reading> {
  request.signal.throwIfAborted();
  const shared = join(request);
  shared.waiting++;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(request.signal.reason);
  request.signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([shared.result, aborted.promise]);
  } finally {
    request.signal.removeEventListener('abort', abort);
    // When the last caller is aborted, the reading is aborted too.
    if (--shared.waiting === 0) shared.controller.abort(request.signal.reason);
  }
}

/**
 * Resolves when no reading of this store is in progress in this process: the aborted ones have withdrawn their claims, and write
 * nothing more.
 */
export async function readingsSettled(blobs: BlobStore): Promise<void> {
  const shared = [...(inProgress.get(blobs)?.values() ?? [])];
  await Promise.allSettled(shared.map(({ result }) => result));
}

/** Removes all readings of the content, of every reader version. */
export async function forgetReading(
  blobs: BlobStore,
  organizationId: string,
  sha256: string,
): Promise<void> {
  await blobs.removeAll(folder(organizationId, sha256));
}

function join(request: ReadDocument): SharedReading {
  const ofStore = inProgress.get(request.blobs) ?? new Map<string, SharedReading>();
  inProgress.set(request.blobs, ofStore);
  const key = folder(request.organizationId, request.document.sha256);
  const current = ofStore.get(key);
  if (current && !current.controller.signal.aborted) return current;
  const controller = new AbortController();
  const result = storedReading(request, controller.signal).finally(() => {
    if (ofStore.get(key)?.controller === controller) ofStore.delete(key);
  });
  // All callers may have been aborted: then the rejection has no listener.
  result.catch(() => undefined);
  const shared = { result, waiting: 0, controller };
  ofStore.set(key, shared);
  return shared;
}

async function storedReading(request: ReadDocument, signal: AbortSignal): Promise<Reading> {
  const { blobs, organizationId, document, now = Date.now } = request;
  const prefix = `${folder(organizationId, document.sha256)}/${readerVersion}`;
  const stored = new StoredReading(blobs, prefix);
  const claimed = await claim(blobs, `${prefix}/claims`, () => stored.exists(), now, signal);
  if (!claimed) return stored.read();
  try {
    const result = await readOnce(request, signal);
    await stored.put(result);
    // The document was erased while it was read: its reading or failure is removed too.
    if (!(await blobs.exists(document.key))) {
      await forgetReading(blobs, organizationId, document.sha256);
      throw new BlobNotFound(document.key);
    }
    if (result instanceof DocumentError) throw result;
    return result;
  } finally {
    if (await blobs.exists(`${prefix}/claims/1`)) await claimed.release();
  }
}

async function readOnce(
  { blobs, reader, organizationId, document }: ReadDocument,
  signal: AbortSignal,
): Promise<Reading | DocumentError> {
  const { key, mediaType, pages } = document;
  const open = () => blobs.stream(key);
  const source = { mediaType, open, organizationId, ...(pages && { pages }) };
  try {
    // A reading that does not fit the schema could not be read back from the store.
    return parseUntrusted(Reading, await reader.read(source, signal));
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
}
