import type { Answer } from '../../src/engine/dispatch/sender.ts';
import type { VirtualTime } from './virtual-time.ts';

export const failure = (error: string): Answer => ({
  status: null,
  headers: null,
  body: null,
  error,
});

/** A request that is under way: until there is an answer, or its deadline. */
export class Exchange {
  readonly deadline: number;
  private isOver = false;
  private readonly cancel: () => void;

  /** @param hear what the sender hears, once */
  constructor(
    private readonly time: VirtualTime,
    timeoutMs: number,
    private readonly hear: (answer: Answer) => void,
    onTimeout: () => void,
  ) {
    this.deadline = time.now() + timeoutMs;
    this.cancel = time.after(timeoutMs, 'deadline', () => {
      onTimeout();
      this.end(failure(`TIMEOUT: no answer within ${timeoutMs} ms`));
    });
  }

  /** Whether anything can still pass, in either direction. */
  get isOpen(): boolean {
    return !this.isOver && this.time.now() < this.deadline;
  }

  end(answer: Answer): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancel();
    this.hear(answer);
  }
}
