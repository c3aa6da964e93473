import type { BlobStore } from '@casewire/blobs';
import { BlobNotFound } from '@casewire/blobs';
import type { StageRequest } from '@casewire/contracts';
import { DocumentError, parseUntrusted } from '@casewire/sandbox';

import type { DocumentSource } from './document-reader.ts';
import { claim } from './reading-claim.ts';
import { readerVersion, Reading } from './reading.ts';
import { StoredReading } from './stored-reading.ts';

/** What reading asks of a reader. */
export interface Reader {
  read(source: DocumentSource, signal?: AbortSignal): Promise<Reading>;
}

export interface ReadDocument {
  blobs: BlobStore;
  reader: Reader;
  organizationId: string;
  document: Pick<StageRequest['document'], 'key' | 'sha256' | 'mediaType'> & { pages?: number };
  signal: AbortSignal;
  /** Milliseconds since 1970, to judge claims by. */
  now?: () => number;
}

const folder = (organizationId: string, sha256: string) => `readings/${organizationId}/${sha256}`;

interface Flight {
  result: Promise<Reading>;
  waiting: number;
  controller: AbortController;
}

const flights = new WeakMap<BlobStore, Map<string, Flight>>();

/**
 * The one reading of this content in this organization: from the store where it is there, else made and stored.
 * Who asks at the same time, in this process or another, waits for the same one. That the document cannot be read is
 * stored and found like a reading; what the machine could not do is not.
 * @throws DocumentError where the document is at fault; BlobNotFound; the signal's reason when aborted
 */
export async function readDocument(request: ReadDocument): Promise<Reading> {
  request.signal.throwIfAborted();
  const flight = join(request);
  flight.waiting++;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(request.signal.reason);
  request.signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([flight.result, aborted.promise]);
  } finally {
    request.signal.removeEventListener('abort', abort);
    // The last one to lose interest ends the work.
    if (--flight.waiting === 0) flight.controller.abort(request.signal.reason);
  }
}

/** Removes what was read from the content, whichever reader's. */
export async function forgetReading(
  blobs: BlobStore,
  organizationId: string,
  sha256: string,
): Promise<void> {
  await blobs.removeAll(folder(organizationId, sha256));
}

function join(request: ReadDocument): Flight {
  const ofStore = flights.get(request.blobs) ?? new Map<string, Flight>();
  flights.set(request.blobs, ofStore);
  const key = folder(request.organizationId, request.document.sha256);
  const under = ofStore.get(key);
  if (under && !under.controller.signal.aborted) return under;
  const controller = new AbortController();
  const result = storedReading(request, controller.signal).finally(() => {
    if (ofStore.get(key)?.controller === controller) ofStore.delete(key);
  });
  // Nobody may be left to hear of it.
  result.catch(() => undefined);
  const flight = { result, waiting: 0, controller };
  ofStore.set(key, flight);
  return flight;
}

async function storedReading(request: ReadDocument, signal: AbortSignal): Promise<Reading> {
  const { blobs, organizationId, document, now = Date.now } = request;
  const prefix = `${folder(organizationId, document.sha256)}/${readerVersion}`;
  const stored = new StoredReading(blobs, prefix);
  const held = await claim(blobs, `${prefix}/claims`, () => stored.exists(), now, signal);
  if (!held) return stored.read();
  try {
    const result = await attempt(request, signal);
    await stored.put(result);
    // Erased while it was read: what was read, or that it could not be, goes as well.
    if (!(await blobs.exists(document.key))) {
      await forgetReading(blobs, organizationId, document.sha256);
      throw new BlobNotFound(document.key);
    }
    if (result instanceof DocumentError) throw result;
    return result;
  } finally {
    if (await blobs.exists(`${prefix}/claims/1`)) await held.release();
  }
}

async function attempt(
  { blobs, reader, organizationId, document }: ReadDocument,
  signal: AbortSignal,
): Promise<Reading | DocumentError> {
  const { key, mediaType, pages } = document;
  const open = () => blobs.stream(key);
  const source = { mediaType, open, organizationId, ...(pages && { pages }) };
  try {
    // What cannot be read back from the store must not get there.
    return parseUntrusted(Reading, await reader.read(source, signal));
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
}
