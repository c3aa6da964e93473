import type { SendResult } from '../../src/engine/dispatch/sender.ts';
import type { VirtualTime } from './virtual-time.ts';

export const failure = (error: string): SendResult => ({
  status: null,
  headers: null,
  body: null,
  error,
});

/** A request in flight: until its response or its deadline. */
export class Exchange {
  readonly deadline: number;
  private isSettled = false;
  private readonly cancel: () => void;

  /** @param respond called once, with the result that the sender receives */
  constructor(
    private readonly time: VirtualTime,
    timeoutMs: number,
    private readonly respond: (result: SendResult) => void,
    onTimeout: () => void,
  ) {
    this.deadline = time.now() + timeoutMs;
    this.cancel = time.after(timeoutMs, 'deadline', () => {
      onTimeout();
      this.settle(failure(`TIMEOUT: no answer within ${timeoutMs} ms`));
    });
  }

  /** Whether the request or its response can still arrive. */
  get isOpen(): boolean {
    return !this.isSettled && this.time.now() < this.deadline;
  }

  settle(result: SendResult): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.cancel();
    this.respond(result);
  }
}
