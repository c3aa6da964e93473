import { mkdir, open, readFile, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** An open file, as the logs and the journal use it. */
export interface DiskFile {
  size(): Promise<number>;
  /** Reads into the whole buffer from `position` on. Returns the number of bytes, which is smaller only at the end of the file. */
  read(into: Buffer, position: number): Promise<number>;
  /** Writes all `parts` in order from `position` on, or fails. */
  write(parts: Buffer[], position: number): Promise<void>;
  /** Resolves when all writes are on the disk (fdatasync). */
  datasync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** The file system operations that the broker uses. */
export interface Disk {
  /** Opens a file for reading and writing. If it does not exist, it is created, and its name is durable when the promise resolves. */
  openForAppend(path: string): Promise<DiskFile>;
  openForRead(path: string): Promise<DiskFile>;
  /** The text of a file; undefined if it does not exist. */
  readText(path: string): Promise<string | undefined>;
  /** Replaces the whole text of a small file: after a crash it has either the old text or the new one. */
  replaceText(path: string, text: string): Promise<void>;
  /** Creates the folder and its parents, durably. */
  makeFolder(path: string): Promise<void>;
  /** The names in the folder; empty if it does not exist. */
  list(path: string): Promise<string[]>;
  /** Removes a file, or a folder with all its content; does nothing if it does not exist. */
  remove(path: string): Promise<void>;
}

class OpenFile implements DiskFile {
  constructor(private readonly handle: FileHandle) {}

  async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  async read(into: Buffer, position: number): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const { bytesRead } = await this.handle.read(
        into,
        filled,
        into.length - filled,
        position + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  async write(parts: Buffer[], position: number): Promise<void> {
    let rest = parts;
    let at = position;
    // On a full disk the first call writes fewer bytes; only the next call fails with ENOSPC.
    while (rest.length > 0) {
      const { bytesWritten } = await this.handle.writev(rest, at);
      at += bytesWritten;
      rest = without(rest, bytesWritten);
    }
  }

  datasync(): Promise<void> {
    return this.handle.datasync();
  }

  truncate(size: number): Promise<void> {
    return this.handle.truncate(size);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

function without(parts: Buffer[], written: number): Buffer[] {
  let left = written;
  let index = 0;
  while (index < parts.length && left >= parts[index]!.length) left -= parts[index++]!.length;
  if (index === parts.length) return [];
  return [parts[index]!.subarray(left), ...parts.slice(index + 1)];
}

const isMissing = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The file system of this machine. */
export const localDisk: Disk = {
  async openForAppend(path) {
    try {
      return new OpenFile(await open(path, 'r+'));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const created = await open(path, 'wx+');
    await syncFolder(dirname(path));
    return new OpenFile(created);
  },

  async openForRead(path) {
    return new OpenFile(await open(path, 'r'));
  },

  async readText(path) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },

  async replaceText(path, text) {
    const next = `${path}.next`;
    const file = await open(next, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
    await syncFolder(dirname(path));
  },

  async makeFolder(path) {
    const firstCreated = await mkdir(path, { recursive: true });
    if (firstCreated === undefined) return;
    for (let folder = path; folder.length >= dirname(firstCreated).length; folder = dirname(folder))
      await syncFolder(folder);
  },

  async list(path) {
    try {
      return await readdir(path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },

  remove: (path) => rm(path, { recursive: true, force: true }),
};
