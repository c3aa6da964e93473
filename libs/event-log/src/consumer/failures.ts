import { setTimeout as delay } from 'node:timers/promises';

import { backoff, classifyFailure, type FailureAction, type RetryPolicy } from './retry-policy.ts';

/** The failures of one record or batch so far, and the action that follows from them. */
export class Failures {
  /** Tries that count against the limit. Failures because of an unavailable dependency do not count. */
  tries = 0;
  error: unknown;
  action: FailureAction = 'retry';
  private count = 0;

  constructor(private readonly policy: RetryPolicy = {}) {}

  add(error: unknown): void {
    this.error = error;
    this.action = this.classify(error);
    this.count += 1;
    if (this.action !== 'wait') this.tries += 1;
  }

  /** If `classify` of the policy throws, the record is retried up to the limit, and dead-lettered with the error of `classify`. */
  private classify(error: unknown): FailureAction {
    try {
      return this.policy.classify?.(error) ?? classifyFailure(error);
    } catch (fault) {
      this.error = fault;
      return 'retry';
    }
  }

  /** Whether the record is to be dead-lettered. */
  get final(): boolean {
    if (this.action === 'wait') return false;
    return this.action === 'reject' || this.tries >= (this.policy.tries ?? 5);
  }

  /** Waits before the next try, or until the signal aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    const ms = backoff(this.policy, this.count, Math.random());
    await delay(ms, undefined, { signal }).catch(() => undefined);
  }
}
