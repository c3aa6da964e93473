/** The offset after the last record of each partition. */
export type Ends = Map<number, bigint>;

interface Question {
  topics: Set<string>;
  answer: Promise<Map<string, Ends>>;
}

/**
 * Asks for the ends of topics on behalf of many, one question at a time. Whoever asks before a question is sent shares its
 * answer, whichever topic they ask for; an answer to a question that was sent before says nothing about what was written
 * in between, so later callers share the next one. A topic of which nothing was heard yet is asked for alone: one that is not
 * there is waited for long, and nobody else is to wait with it.
 */
export class EndOffsets {
  private readonly heardOf = new Set<string>();
  private sent: Promise<unknown> | undefined;
  private next: Question | undefined;

  constructor(private readonly ends: (topics: string[]) => Promise<Map<string, Ends>>) {}

  async ask(topic: string): Promise<Ends> {
    if (!this.heardOf.has(topic)) return this.askAlone(topic);
    this.next ??= this.question();
    const { topics, answer } = this.next;
    topics.add(topic);
    try {
      return endsOf(await answer, topic);
    } catch (error) {
      // Which of them is at fault is not known: whoever asks again asks alone.
      for (const asked of topics) this.heardOf.delete(asked);
      throw error;
    }
  }

  private async askAlone(topic: string): Promise<Ends> {
    const ends = endsOf(await this.ends([topic]), topic);
    this.heardOf.add(topic);
    return ends;
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

const endsOf = (answer: ReadonlyMap<string, Ends>, topic: string): Ends =>
  answer.get(topic) ?? new Map<number, bigint>();
