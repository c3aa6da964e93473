import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory with a fixed size. Only root can mount one. */
export class SmallFileSystem {
  readonly path = mkdtempSync(join(tmpdir(), 'casewire-small-'));
  private readonly ballast = join(this.path, 'ballast');

  constructor(kilobytes: number) {
    execFileSync('mount', [
      '-t',
      'tmpfs',
      '-o',
      `size=${kilobytes}k,mode=0755`,
      'tmpfs',
      this.path,
    ]);
  }

  /** Fills the file system until this much is free, rounded to a page. */
  leave(kilobytes: number): void {
    rmSync(this.ballast, { force: true });
    const surplus = this.free() - kilobytes * 1024;
    if (surplus < 0) throw new Error(`only ${this.free()} bytes are free`);
    writeFileSync(this.ballast, Buffer.alloc(surplus));
  }

  /** Frees the whole file system. */
  empty(): void {
    rmSync(this.ballast, { force: true });
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }

  private free(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }
}
