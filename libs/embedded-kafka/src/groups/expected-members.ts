import type { Clock } from './clock.ts';

/** Member ids that were sent to clients which have not joined with them yet (KIP-394). */
export class ExpectedMembers {
  private readonly cancels = new Map<string, () => void>();

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.cancels.size;
  }

  /** Expects a join with the id for this time; `onExpired` is called if there is none. */
  expect(memberId: string, milliseconds: number, onExpired: () => void): void {
    const expire = () => {
      this.cancels.delete(memberId);
      onExpired();
    };
    this.cancels.set(memberId, this.clock.after(milliseconds, expire));
  }

  /** Stops waiting for the id; false if it was not expected. */
  claim(memberId: string): boolean {
    this.cancels.get(memberId)?.();
    return this.cancels.delete(memberId);
  }

  clear(): void {
    for (const memberId of this.cancels.keys()) this.claim(memberId);
  }
}
