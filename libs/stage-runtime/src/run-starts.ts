import type { BlobStore } from '@casewire/blobs';

/** A run with this many recorded starts and no result fails with CRASHED. */
export const maximumStarts = 3;

export interface RunStart {
  /** Number of recorded starts of the run, including this one. */
  number: number;
  /** Removes the record: the process still runs, so that this start was no crash. */
  remove(): Promise<void>;
}

/**
 * The starts of runs, recorded before the work. A recorded start of a run without a stage result is a crash: the process ended
 * before it could remove the record.
 */
export class RunStarts {
  constructor(private readonly blobs: BlobStore) {}

  /** How many starts of the run are recorded. */
  async count(runId: string): Promise<number> {
    const recorded = await Promise.all(keysOf(runId).map((key) => this.blobs.exists(key)));
    return recorded.filter(Boolean).length;
  }

  /** Records a start under the first free number; null where all numbers are taken. */
  async record(runId: string, now: Date): Promise<RunStart | null> {
    const body = Buffer.from(JSON.stringify({ startedAt: now.toISOString() }));
    for (const key of keysOf(runId)) {
      if (!(await this.blobs.putIfAbsent(key, body))) continue;
      // Counted, because an earlier start may have been removed.
      const number = await this.count(runId);
      return { number, remove: () => this.blobs.remove(key) };
    }
    return null;
  }
}

const keysOf = (runId: string) =>
  Array.from({ length: maximumStarts }, (_, index) => `runs/${runId}/start-${index + 1}`);
