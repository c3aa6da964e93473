/** Counts what was checked, and keeps what was found, one line and the facts of each. */
export class Findings {
  checks = 0;
  readonly failures: { what: string; facts: string }[] = [];
  private readonly seen = new Map<string, number>();

  constructor(private readonly say: (line: string) => void) {}

  /**
   * @param what what is wrong, the same words for the same fault
   * @param facts what it takes to see it again; shown for the first few of a kind
   */
  check(isRight: boolean, what: string, facts: () => string): boolean {
    this.checks++;
    if (!isRight) this.fail(what, facts());
    return isRight;
  }

  fail(what: string, facts: string): void {
    this.failures.push({ what, facts });
    const count = (this.seen.get(what) ?? 0) + 1;
    this.seen.set(what, count);
    if (count <= 3) this.say(`FAILURE ${what}\n${facts.replaceAll(/^/gm, '    ')}`);
  }

  summary(): string {
    const kinds = [...this.seen].map(([what, count]) => `${count} x ${what}`);
    return [...kinds, `${this.checks} checks, ${this.failures.length} failures`].join('\n');
  }
}
