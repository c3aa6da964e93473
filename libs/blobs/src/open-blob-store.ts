import { fileURLToPath } from 'node:url';

import { BlobStoreUnsupported, type BlobStore } from './blob-store.ts';
import { FolderBlobStore } from './folder-blob-store.ts';

// RFC 3986, section 3.1. A single letter is the drive of a Windows path.
const schemePattern = /^([a-z][a-z0-9+.-]+):/i;

/**
 * The blob store at a location. Nothing is read or written yet: a folder is created with the first blob.
 * @param location the path of a folder, or its `file:` URL
 * @throws BlobStoreUnsupported for every other scheme, for a `file:` URL that names no local folder, and for an empty text
 */
export function openBlobStore(location: string): BlobStore {
  const scheme = schemePattern.exec(location)?.[1]?.toLowerCase();
  if (location === '' || (scheme !== undefined && scheme !== 'file')) {
    throw new BlobStoreUnsupported(location);
  }
  return new FolderBlobStore(scheme === 'file' ? pathOf(location) : location);
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new BlobStoreUnsupported(url, { cause });
  }
}
