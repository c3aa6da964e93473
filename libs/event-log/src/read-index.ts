/**
 * Asks for the end of a topic on behalf of many. Whoever asks before a question is sent shares its answer; an answer to a
 * question that was sent before says nothing about what was written in between, so later callers share the next one.
 */
export class ReadIndex {
  private sent: Promise<bigint> | undefined;
  private next: Promise<bigint> | undefined;

  constructor(private readonly askEnd: () => Promise<bigint>) {}

  ask(): Promise<bigint> {
    if (!this.sent) return this.send();
    this.next ??= this.sent
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.send();
      });
    return this.next;
  }

  private send(): Promise<bigint> {
    const answer = this.askEnd().finally(() => {
      if (this.sent === answer) this.sent = undefined;
    });
    this.sent = answer;
    return answer;
  }
}
