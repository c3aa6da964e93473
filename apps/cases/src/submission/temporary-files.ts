import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The files that one submission writes to the incoming folder beside those of its form. */
export class TemporaryFiles {
  private readonly paths: string[] = [];

  constructor(private readonly folder: string) {}

  /** The path of a new file, which `removeAll` deletes. */
  newPath(): string {
    const path = join(this.folder, randomUUID());
    this.paths.push(path);
    return path;
  }

  async remove(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  async removeAll(): Promise<void> {
    await Promise.all(this.paths.map((path) => this.remove(path)));
  }
}
