import type { BlobStore } from '@casewire/blobs';

/** A run that was started this often without an end crashes its process. */
export const maximumStarts = 3;

export interface RunStart {
  /** How many starts of the run are recorded, this one included. */
  number: number;
  /** Removes the record: the process lived on, so this start was no crash. */
  withdraw(): Promise<void>;
}

/**
 * The starts of runs, recorded before the work. A start that stays without an outcome is a crash: the process that
 * recorded it ended before it could withdraw it.
 */
export class RunStarts {
  constructor(private readonly blobs: BlobStore) {}

  async count(runId: string): Promise<number> {
    const recorded = await Promise.all(keysOf(runId).map((key) => this.blobs.exists(key)));
    return recorded.filter(Boolean).length;
  }

  /** Records a start in the first free place; null where all are taken. */
  async take(runId: string, now: Date): Promise<RunStart | null> {
    const body = Buffer.from(JSON.stringify({ startedAt: now.toISOString() }));
    for (const key of keysOf(runId)) {
      if (!(await this.blobs.putIfAbsent(key, body))) continue;
      // Counted, not told by the place: an earlier one may have been withdrawn.
      const number = await this.count(runId);
      return { number, withdraw: () => this.blobs.remove(key) };
    }
    return null;
  }
}

const keysOf = (runId: string) =>
  Array.from({ length: maximumStarts }, (_, index) => `runs/${runId}/start-${index + 1}`);
