/** The offset after the last record of each partition. */
export type Ends = Map<number, bigint>;

interface Question {
  topics: Set<string>;
  answer: Promise<Map<string, Ends>>;
}

/**
 * Asks for the ends of topics on behalf of many, one question at a time. Whoever asks before a question is sent shares its
 * answer, whichever topic they ask for; an answer to a question that was sent before says nothing about what was written
 * in between, so later callers share the next one.
 */
export class EndOffsets {
  private sent: Promise<unknown> | undefined;
  private next: Question | undefined;

  constructor(private readonly ends: (topics: string[]) => Promise<Map<string, Ends>>) {}

  async ask(topic: string): Promise<Ends> {
    this.next ??= this.question();
    const { topics, answer } = this.next;
    topics.add(topic);
    try {
      return (await answer).get(topic) ?? new Map<number, bigint>();
    } catch (error) {
      if (topics.size === 1) throw error;
      // Perhaps another topic is at fault.
      return (await this.ends([topic])).get(topic) ?? new Map<number, bigint>();
    }
  }

  private question(): Question {
    const topics = new Set<string>();
    // Also where none is under way: what is asked in the same turn is one question.
    const before = this.sent ?? Promise.resolve();
    const answer = before
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        const asked = this.ends([...topics]);
        this.sent = asked;
        return asked.finally(() => {
          if (this.sent === asked) this.sent = undefined;
        });
      });
    return { topics, answer };
  }
}
