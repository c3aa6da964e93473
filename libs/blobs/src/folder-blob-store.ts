import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

import { BlobKeyInvalid, BlobNotFound, type BlobStore } from './blob-store.ts';

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';
const isPresent = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EEXIST';

/**
 * Blobs as files of a folder that every service of the machine shares: finished ones in `blobs/`, writes that are under way in
 * `drafts/`.
 */
export class FolderBlobStore implements BlobStore {
  /** @param folder its path; created with the first blob */
  constructor(private readonly folder: string) {}

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.publish(key, (draft) => writeDurably(draft, body), rename);
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    try {
      // link() fails if the name exists, and makes the file visible only when it is complete.
      await this.publish(key, (draft) => writeDurably(draft, body), link);
      return true;
    } catch (error) {
      if (isPresent(error)) return false;
      throw error;
    }
  }

  async putFile(key: string, path: string): Promise<void> {
    const copy = async (draft: string) => {
      await copyFile(path, draft);
      await flush(draft);
    };
    await this.publish(key, copy, rename);
  }

  async read(key: string): Promise<Buffer> {
    return readFile(this.path(key)).catch((error) => {
      throw isMissing(error) ? new BlobNotFound(key) : error;
    });
  }

  async stream(key: string): Promise<Readable> {
    // The file is open before the caller gets the stream: a removal from then on takes nothing away from it.
    const file = await open(this.path(key)).catch((error: unknown) => {
      throw isMissing(error) ? new BlobNotFound(key) : error;
    });
    return file.createReadStream();
  }

  async exists(key: string): Promise<boolean> {
    return stat(this.path(key)).then(
      (found) => found.isFile(),
      (error) => {
        if (isMissing(error)) return false;
        throw error;
      },
    );
  }

  async remove(key: string): Promise<void> {
    await rm(this.path(key), { force: true });
  }

  async removeAll(prefix: string): Promise<void> {
    await rm(this.path(prefix), { recursive: true, force: true });
  }

  async removeUnfinished(olderThanMs: number, now = Date.now()): Promise<void> {
    await removeOldFiles(join(this.folder, 'drafts'), now - olderThanMs);
  }

  private path(key: string): string {
    const segments = key.split('/');
    const valid = segments.every((s) => /^[A-Za-z0-9._-]{1,200}$/.test(s) && !/^\.+$/.test(s));
    if (!valid || key.length > 900) throw new BlobKeyInvalid(key);
    return join(this.folder, 'blobs', ...segments);
  }

  /** Writes a draft, flushes it, and gives it its name in one step, so that no reader sees a part of a blob. */
  private async publish(
    key: string,
    write: (draft: string) => Promise<void>,
    giveName: (draft: string, path: string) => Promise<void>,
  ): Promise<void> {
    const path = this.path(key);
    const drafts = join(this.folder, 'drafts');
    const draft = join(drafts, randomUUID());
    await Promise.all([
      mkdir(drafts, { recursive: true }),
      mkdir(dirname(path), { recursive: true }),
    ]);
    try {
      await write(draft);
      await giveName(draft, path);
      await flush(dirname(path));
    } finally {
      await rm(draft, { force: true });
    }
  }
}

/** Removes the files of a folder that were last changed before a time, in milliseconds since 1970. */
async function removeOldFiles(folder: string, before: number): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && found.mtimeMs < before) await rm(path, { force: true });
  }
}

async function writeDurably(path: string, body: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
