import { setTimeout as delay } from 'node:timers/promises';

/** Repeats work in rounds, one after the other, until it is stopped. */
export class Load {
  private readonly stopping = new AbortController();
  private readonly done: Promise<void>;
  private count = 0;

  constructor(round: (number: number) => Promise<void>, pauseMs: number) {
    this.done = this.run(round, pauseMs);
  }

  /** Resolves with the number of rounds. Rejects if one of them failed. */
  async stop(): Promise<number> {
    this.stopping.abort();
    await this.done;
    return this.count;
  }

  private async run(round: (number: number) => Promise<void>, pauseMs: number): Promise<void> {
    for (; !this.stopping.signal.aborted; this.count += 1) {
      await round(this.count);
      await delay(pauseMs);
    }
  }
}
