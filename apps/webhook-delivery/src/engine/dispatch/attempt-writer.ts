import type { Logger } from '@casewire/telemetry';

import type { AttemptResult, LaneStore } from '../../model/lane-store.ts';
import { systemTimer, type Timer } from '../../model/timer.ts';

const gatherMs = 5;
/** Writes under way at once; what is answered meanwhile is gathered for the next. */
const writesAtOnce = 4;
const firstPauseMs = 50;
const longestPauseMs = 2000;

interface Waiting {
  outcome: AttemptResult;
  leaseEnds: number;
  done: (due: boolean) => void;
}

// SQLSTATE classes 22 (data exception) and 23 (integrity constraint): repeating such a write changes nothing.
const isAtFault = (error: unknown) => /^2[23]...$/.test((error as { code?: string }).code ?? '');

/**
 * Writes outcomes down within 5 ms of their answers, gathered over whatever else is answered by then: no lane waits for
 * the slowest request of its claim. What could not be written is written again until it is on record: the endpoint has
 * answered, and forgetting that sends the event twice. Also after the lease: while the database is away nobody else can
 * claim, and a lane that was lost meanwhile ignores the outcome. Each outcome holds a slot of the dispatcher, which
 * bounds how many there are.
 */
export class AttemptWriter {
  private waiting: Waiting[] = [];
  private gathering = false;
  private writing = 0;
  private stopped = false;

  constructor(
    private readonly lanes: Pick<LaneStore, 'recordResults'>,
    private readonly leaseHolder: string,
    private readonly logger: Logger,
    private readonly monotonic: () => number = () => performance.now(),
    private readonly later: Timer = systemTimer,
  ) {}

  /**
   * Resolves when the outcome is on record, its lane is another's, or it was given up on: with whether something may be due
   * where it came from.
   * @param leaseEnds on the monotonic clock: until then it is tried even when the writer was stopped
   */
  write(outcome: AttemptResult, leaseEnds: number): Promise<boolean> {
    return new Promise((done) => {
      this.waiting.push({ outcome, leaseEnds, done });
      this.gather();
    });
  }

  /** From now on gives up on what cannot be written while its lease lasts. */
  stop(): void {
    this.stopped = true;
  }

  private gather(): void {
    if (this.gathering || this.waiting.length === 0 || this.writing >= writesAtOnce) return;
    this.gathering = true;
    this.later(gatherMs, () => void this.flush());
  }

  private async flush(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    this.gathering = false;
    this.writing++;
    await this.record(batch);
    this.writing--;
    this.gather();
  }

  private async record(batch: Waiting[]): Promise<void> {
    let open = batch;
    for (let pause = firstPauseMs; open.length > 0; pause = Math.min(2 * pause, longestPauseMs)) {
      try {
        const { due } = await this.lanes.recordResults(
          this.leaseHolder,
          open.map(({ outcome }) => outcome),
        );
        for (const { done } of open) done(due);
        return;
      } catch (error) {
        this.logger.warn({ event: 'outcomes.not-written', count: open.length, error });
        if (isAtFault(error)) {
          await this.sift(open, error);
          return;
        }
      }
      open = this.worthATry(open);
      if (open.length > 0) await this.pause(pause);
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((go) => void this.later(ms, go));
  }

  /** One outcome that cannot be written keeps none but itself from being written. */
  private async sift(batch: Waiting[], error: unknown): Promise<void> {
    if (batch.length > 1) {
      for (const one of batch) await this.record([one]);
      return;
    }
    for (const { outcome, done } of batch) {
      // The lease runs out, and the attempt counts.
      this.logger.error({ event: 'outcome.lost', deliveryId: outcome.deliveryId, error });
      done(true);
    }
  }

  private worthATry(batch: Waiting[]): Waiting[] {
    if (!this.stopped) return batch;
    const lost = batch.filter(({ leaseEnds }) => leaseEnds <= this.monotonic());
    for (const { outcome, done } of lost) {
      this.logger.error({ event: 'outcome.lost', deliveryId: outcome.deliveryId });
      done(true);
    }
    return batch.filter((one) => !lost.includes(one));
  }
}
