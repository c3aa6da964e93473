import { isValueError } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';

import type { AttemptResult, LaneStore } from '../../model/lane-store.ts';
import { systemTimer, type Timer } from '../../model/timer.ts';

/** How long results are collected before they are written. */
const collectMs = 5;
/** Concurrent writes; results that arrive meanwhile are collected for the next write. */
const maxWrites = 4;
const firstPauseMs = 50;
const maxPauseMs = 2000;

interface PendingResult {
  result: AttemptResult;
  /** On the monotonic clock, in milliseconds. */
  leaseEnds: number;
  done: (due: boolean) => void;
}

/**
 * Records attempt results within 5 ms, together with all results that arrive meanwhile: no lane waits for the slowest request
 * of its claim. A write that fails is repeated until it succeeds, because a result that is lost means that the event is sent
 * twice. It is repeated also after the lease: while the database is unavailable no other instance can claim, and a lane whose
 * lease was lost ignores the result. Each result occupies a slot of the dispatcher, which bounds their number.
 */
export class AttemptWriter {
  private waiting: PendingResult[] = [];
  private collecting = false;
  private writing = 0;
  private stopped = false;

  constructor(
    private readonly store: Pick<LaneStore, 'recordResults'>,
    private readonly leaseHolder: string,
    private readonly logger: Logger,
    private readonly monotonic: () => number = () => performance.now(),
    private readonly timer: Timer = systemTimer,
  ) {}

  /**
   * Resolves when the result is recorded, its lease was lost, or the writer gave it up.
   * @param leaseEnds on the monotonic clock, in milliseconds: until then a write is repeated even after `stop`
   * @returns whether a lane may be due at its destination
   */
  write(result: AttemptResult, leaseEnds: number): Promise<boolean> {
    return new Promise((done) => {
      this.waiting.push({ result, leaseEnds, done });
      this.collect();
    });
  }

  /** From now on results are given up when their lease has ended. */
  stop(): void {
    this.stopped = true;
  }

  private collect(): void {
    if (this.collecting || this.waiting.length === 0 || this.writing >= maxWrites) return;
    this.collecting = true;
    this.timer(collectMs, () => void this.flush());
  }

  private async flush(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    this.collecting = false;
    this.writing++;
    await this.record(batch);
    this.writing--;
    this.collect();
  }

  private async record(batch: PendingResult[]): Promise<void> {
    let open = batch;
    for (let pause = firstPauseMs; open.length > 0; pause = Math.min(2 * pause, maxPauseMs)) {
      try {
        const { due } = await this.store.recordResults(
          this.leaseHolder,
          open.map(({ result }) => result),
        );
        for (const { done } of open) done(due);
        return;
      } catch (error) {
        this.logger.warn({ event: 'attempt-results.not-recorded', count: open.length, error });
        if (isValueError(error)) {
          await this.recordEach(open, error);
          return;
        }
      }
      open = this.withoutExpired(open);
      if (open.length > 0) await this.pause(pause);
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.timer(ms, resolve));
  }

  /** Records the results one by one, so that only the rejected ones are lost. */
  private async recordEach(batch: PendingResult[], error: unknown): Promise<void> {
    if (batch.length > 1) {
      for (const one of batch) await this.record([one]);
      return;
    }
    for (const { result, done } of batch) {
      // The lease expires, and the attempt counts.
      this.logger.error({ event: 'attempt-result.lost', deliveryId: result.deliveryId, error });
      done(true);
    }
  }

  private withoutExpired(batch: PendingResult[]): PendingResult[] {
    if (!this.stopped) return batch;
    const expired = batch.filter(({ leaseEnds }) => leaseEnds <= this.monotonic());
    for (const { result, done } of expired) {
      this.logger.error({ event: 'attempt-result.lost', deliveryId: result.deliveryId });
      done(true);
    }
    return batch.filter((one) => !expired.includes(one));
  }
}
