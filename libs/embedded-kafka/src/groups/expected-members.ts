import type { Clock } from './clock.ts';

/** Member ids that were given out and whose owners have yet to join with them (KIP-394). */
export class ExpectedMembers {
  private readonly forgets = new Map<string, () => void>();

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.forgets.size;
  }

  /** Waits for the owner so many milliseconds; `onForgotten` is called if it has not come until then. */
  expect(memberId: string, milliseconds: number, onForgotten: () => void): void {
    const forget = () => {
      this.forgets.delete(memberId);
      onForgotten();
    };
    this.forgets.set(memberId, this.clock.after(milliseconds, forget));
  }

  /** Ends the wait; false if this one was not waited for. */
  claim(memberId: string): boolean {
    this.forgets.get(memberId)?.();
    return this.forgets.delete(memberId);
  }

  clear(): void {
    for (const memberId of this.forgets.keys()) this.claim(memberId);
  }
}
