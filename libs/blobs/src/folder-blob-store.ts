import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

import { BlobKeyInvalid, BlobNotFound, type BlobStore } from './blob-store.ts';

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';
const isTaken = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EEXIST';

/** Blobs as files below a folder that every service of the machine shares. */
export class FolderBlobStore implements BlobStore {
  constructor(private readonly folder: string) {}

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.settle(key, (draft) => writeDurably(draft, body), rename);
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    try {
      // link() fails when the name is taken, and shows the file only once it is whole.
      await this.settle(key, (draft) => writeDurably(draft, body), link);
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  async putFile(key: string, path: string): Promise<void> {
    const copy = async (draft: string) => {
      await copyFile(path, draft);
      await flush(draft);
    };
    await this.settle(key, copy, rename);
  }

  async read(key: string): Promise<Buffer> {
    return readFile(this.path(key)).catch((error) => {
      throw isMissing(error) ? new BlobNotFound(key) : error;
    });
  }

  async stream(key: string): Promise<Readable> {
    if (!(await this.exists(key))) throw new BlobNotFound(key);
    return createReadStream(this.path(key));
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

  /** Removes drafts that a killed process left behind: those older than this. */
  async tidy(olderThanMs: number, now = Date.now()): Promise<void> {
    await removeOldFiles(join(this.folder, 'drafts'), now - olderThanMs);
  }

  private path(key: string): string {
    const segments = key.split('/');
    const valid = segments.every((s) => /^[A-Za-z0-9._-]{1,200}$/.test(s) && !/^\.+$/.test(s));
    if (!valid || key.length > 900) throw new BlobKeyInvalid(key);
    return join(this.folder, 'blobs', ...segments);
  }

  /** Writes beside, flushes, then takes the name in one step: nobody ever sees half a blob. */
  private async settle(
    key: string,
    write: (draft: string) => Promise<void>,
    take: (draft: string, path: string) => Promise<void>,
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
      await take(draft, path);
      await flush(dirname(path));
    } finally {
      await rm(draft, { force: true });
    }
  }
}

/** Removes the files of a folder that were last changed before a moment, in milliseconds since 1970. */
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
