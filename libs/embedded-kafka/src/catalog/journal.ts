import { crc32 } from 'node:zlib';

import type { Disk, DiskFile } from '../log/disk.ts';

const REWRITE_BYTES = 1024 * 1024;
const REWRITE_GROWTH = 4;

/** A line of the journal is damaged and valid lines follow it. The broker does not start, because it cannot know the lost entry. */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged';
  readonly code = 'KAFKA_JOURNAL_DAMAGED';
  readonly retriable = false;
}

/** The journal cannot be written: the entry is not recorded and has no effect. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable';
  readonly code = 'KAFKA_JOURNAL_UNAVAILABLE';
  readonly retriable = true;
}

/** A state that is stored in a journal. */
export interface Journaled<Entry> {
  parse(json: unknown): Entry;
  apply(entry: Entry): void;
  /** Entries that, applied to an empty state, give the present state. */
  snapshot(): Entry[];
}

interface Waiting<Entry> {
  readonly entry: Entry;
  resolve(): void;
  reject(error: JournalUnavailable): void;
}

/**
 * A file of JSON lines with checksums, from which a state is rebuilt. An entry is applied when it is on disk, in the order of the
 * calls. Entries that arrive during a flush share the next one. A file that has grown to several times its state is rewritten.
 */
export class Journal<Entry> {
  private queue: Waiting<Entry>[] = [];
  private flushing: Promise<void> | undefined;
  private unavailable: JournalUnavailable | undefined;
  private rewriteAt: number;

  private constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private readonly state: Journaled<Entry>,
    private file: DiskFile,
    private size: number,
    private readonly rewriteBytes: number,
  ) {
    this.rewriteAt = Math.max(rewriteBytes, size * REWRITE_GROWTH);
  }

  /** Opens the journal and applies its entries to `state`; an incomplete last line is cut off. Throws JournalDamaged. */
  static async open<Entry>(
    disk: Disk,
    path: string,
    state: Journaled<Entry>,
    rewriteBytes = REWRITE_BYTES,
  ): Promise<Journal<Entry>> {
    const text = (await disk.readText(path)) ?? '';
    const lines = text.split('\n');
    let size = 0;
    for (const [index, line] of lines.entries()) {
      const json = index < lines.length - 1 ? validLine(line) : undefined;
      if (json === undefined) {
        if (lines.slice(index + 1).some((later) => validLine(later) !== undefined))
          throw new JournalDamaged(`${path}: line ${index + 1} is damaged`);
        break;
      }
      state.apply(state.parse(JSON.parse(json)));
      size += Buffer.byteLength(line) + 1;
    }
    const file = await disk.openForAppend(path);
    if ((await file.size()) > size) {
      await file.truncate(size);
      await file.datasync();
    }
    return new Journal(disk, path, state, file, size, rewriteBytes);
  }

  /** Resolves when the entry is on disk and applied. Throws JournalUnavailable. */
  record(entry: Entry): Promise<void> {
    if (this.unavailable) return Promise.reject(this.unavailable);
    const recorded = new Promise<void>((resolve, reject) =>
      this.queue.push({ entry, resolve, reject }),
    );
    this.flushing ??= this.flush();
    return recorded;
  }

  /** Waits for the entries that are being recorded, then closes the file. */
  async close(): Promise<void> {
    this.unavailable ??= new JournalUnavailable('The broker is stopping');
    await this.flushing;
    await this.file.close();
  }

  private async flush(): Promise<void> {
    while (this.queue.length > 0) {
      const entries = this.queue;
      this.queue = [];
      try {
        const bytes = Buffer.from(entries.map(({ entry }) => toLine(entry)).join(''));
        await this.file.write([bytes], this.size);
        await this.file.datasync();
        this.size += bytes.length;
      } catch (cause) {
        this.fail([...entries, ...this.queue], cause);
        break;
      }
      for (const { entry } of entries) this.state.apply(entry);
      for (const waiting of entries) waiting.resolve();
      if (this.size > this.rewriteAt) await this.rewrite();
    }
    this.flushing = undefined;
  }

  private async rewrite(): Promise<void> {
    const text = this.state.snapshot().map(toLine).join('');
    try {
      await this.disk.replaceText(this.path, text);
      await this.file.close();
      this.file = await this.disk.openForAppend(this.path);
      this.size = Buffer.byteLength(text);
      this.rewriteAt = Math.max(this.rewriteBytes, this.size * REWRITE_GROWTH);
    } catch (cause) {
      this.fail(this.queue, cause);
    }
  }

  private fail(waiting: readonly Waiting<Entry>[], cause: unknown): void {
    const error = new JournalUnavailable(`${this.path}: the disk failed`, { cause });
    this.unavailable = error;
    this.queue = [];
    for (const each of waiting) each.reject(error);
  }
}

function toLine(entry: unknown): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

function validLine(line: string): string | undefined {
  const json = line.slice(9);
  return line[8] === ' ' && line.slice(0, 8) === checksum(json) ? json : undefined;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
