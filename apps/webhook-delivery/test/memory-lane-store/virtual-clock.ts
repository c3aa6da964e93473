/** A clock that goes on only when it is told. */
export class VirtualClock {
  constructor(private ms: number = Date.parse('2026-01-22T10:30:00Z')) {}

  /** @returns milliseconds since 1970 */
  readonly now = (): number => this.ms;

  advance(ms: number): void {
    this.ms += ms;
  }
}
