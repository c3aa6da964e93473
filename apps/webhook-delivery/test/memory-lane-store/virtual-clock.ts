/** A clock that advances only by `advance`. */
export class VirtualClock {
  constructor(private ms: number = Date.parse('2026-01-22T10:30:00Z')) {}

  /** @returns milliseconds since 1970 */
  readonly now = (): number => this.ms;

  advance(ms: number): void {
    this.ms += ms;
  }
}
