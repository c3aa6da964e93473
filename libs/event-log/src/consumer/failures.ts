import { setTimeout as delay } from 'node:timers/promises';

import { backoff, classifyFailure, type FailureAction, type RetryPolicy } from './retry-policy.ts';

/** How handling one record, or one batch, failed so far. */
export class Failures {
  /** Tries that count against the record: those that failed because something else is away do not. */
  tries = 0;
  error: unknown;
  verdict: FailureAction = 'retry';
  private count = 0;

  constructor(private readonly policy: RetryPolicy = {}) {}

  add(error: unknown): void {
    this.error = error;
    this.verdict = this.verdictOn(error);
    this.count += 1;
    if (this.verdict !== 'wait') this.tries += 1;
  }

  /** A rule that fails itself says nothing about the error: the record has its tries, and is given up for the fault. */
  private verdictOn(error: unknown): FailureAction {
    try {
      return this.policy.classify?.(error) ?? classifyFailure(error);
    } catch (fault) {
      this.error = fault;
      return 'retry';
    }
  }

  /** Whether the record is to be given up on. */
  get final(): boolean {
    if (this.verdict === 'wait') return false;
    return this.verdict === 'reject' || this.tries >= (this.policy.tries ?? 5);
  }

  /** Waits before the next try; shorter when the signal aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    const ms = backoff(this.policy, this.count, Math.random());
    await delay(ms, undefined, { signal }).catch(() => undefined);
  }
}
