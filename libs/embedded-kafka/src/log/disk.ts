import { mkdir, open, readFile, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** An open file, as the logs and the journal use it. */
export interface DiskFile {
  size(): Promise<number>;
  /** Fills `into` from `position` on; fewer bytes only at the end of the file. */
  read(into: Buffer, position: number): Promise<number>;
  /** Writes all of `parts` one after the other from `position` on, or fails. */
  write(parts: Buffer[], position: number): Promise<void>;
  /** Returns once what was written is on the disk (fdatasync). */
  datasync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** What the broker asks of the file system. */
export interface Disk {
  /** Opens for reading and writing; a file that is not there is created, and its name is durable when this returns. */
  openForAppend(path: string): Promise<DiskFile>;
  openForRead(path: string): Promise<DiskFile>;
  /** The text of a file, or undefined where there is none. */
  readText(path: string): Promise<string | undefined>;
  /** Replaces a small file as a whole: after a crash it has either its old text or the new one. */
  replaceText(path: string, text: string): Promise<void>;
  /** Creates the folder and the ones above it, durably. */
  makeFolder(path: string): Promise<void>;
  /** Names in the folder; none where there is no folder. */
  list(path: string): Promise<string[]>;
  /** Removes a file, or a folder with everything in it; nothing there is fine. */
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
    // A full disk shows as a short count first and as ENOSPC only on the next call.
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
