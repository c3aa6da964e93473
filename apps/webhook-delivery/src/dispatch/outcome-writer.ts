import type { Logger } from '@casewire/telemetry';

import type { AttemptOutcome, LaneStore } from '../lanes/lane-store.ts';

const gatherMs = 5;

/**
 * Writes outcomes down within 5 ms of their answers, gathered over whatever else is answered by then: no lane waits for
 * the slowest request of its claim. What could not be written is written again; a lane that was lost meanwhile ignores it.
 */
export class OutcomeWriter {
  private waiting: { outcome: AttemptOutcome; written: () => void }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly lanes: Pick<LaneStore, 'finish'>,
    private readonly owner: string,
    private readonly logger: Logger,
  ) {}

  /** Resolves when the outcome is on record, or its lane is another's. */
  write(outcome: AttemptOutcome): Promise<void> {
    return new Promise((written) => {
      this.waiting.push({ outcome, written });
      this.timer ??= setTimeout(() => void this.flush(), gatherMs);
    });
  }

  private async flush(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    this.timer = undefined;
    try {
      await this.lanes.finish(
        this.owner,
        batch.map(({ outcome }) => outcome),
      );
    } catch (error) {
      this.logger.warn({ event: 'outcomes.not-written', count: batch.length, error });
      // The lease outlives this for a while. When it has run out, the attempt is made again by whoever claims.
    }
    for (const { written } of batch) written();
  }
}
