/** Counts the checks, and stores the failures, each with its details. */
export class Findings {
  checks = 0;
  readonly failures: { what: string; details: string }[] = [];
  private readonly seen = new Map<string, number>();

  constructor(private readonly print: (line: string) => void) {}

  /**
   * @param what the failure, in the same words for the same failure
   * @param details what is needed to reproduce it; printed for the first three failures of a kind
   */
  check(isRight: boolean, what: string, details: () => string): boolean {
    this.checks++;
    if (!isRight) this.fail(what, details());
    return isRight;
  }

  fail(what: string, details: string): void {
    this.failures.push({ what, details });
    const count = (this.seen.get(what) ?? 0) + 1;
    this.seen.set(what, count);
    if (count <= 3) this.print(`FAILURE ${what}\n${details.replaceAll(/^/gm, '    ')}`);
  }

  summary(): string {
    const kinds = [...this.seen].map(([what, count]) => `${count} x ${what}`);
    return [...kinds, `${this.checks} checks, ${this.failures.length} failures`].join('\n');
  }
}
