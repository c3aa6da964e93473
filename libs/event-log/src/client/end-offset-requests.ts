/** The offset after the last record of each partition. */
export type EndOffsets = Map<number, bigint>;

interface PendingRequest {
  topics: Set<string>;
  response: Promise<Map<string, EndOffsets>>;
}

/**
 * Requests the end offsets of topics, one request at a time. All callers that arrive before a request is sent share its response,
 * whatever their topics. A request that was sent earlier may miss records that were written since, so later callers share
 * the next request. A topic that was not requested successfully before gets a request of its own: for a topic that does not exist
 * the retries take long, and callers for other topics must not wait for them.
 */
export class EndOffsetRequests {
  private readonly knownTopics = new Set<string>();
  private inFlight: Promise<unknown> | undefined;
  private next: PendingRequest | undefined;

  constructor(
    private readonly fetchFromBroker: (topics: string[]) => Promise<Map<string, EndOffsets>>,
  ) {}

  async fetch(topic: string): Promise<EndOffsets> {
    if (!this.knownTopics.has(topic)) return this.fetchAlone(topic);
    this.next ??= this.queueRequest();
    const { topics, response } = this.next;
    topics.add(topic);
    try {
      return offsetsOf(await response, topic);
    } catch (error) {
      // It is unknown which topic caused the failure: the next request for each of them is separate.
      for (const requested of topics) this.knownTopics.delete(requested);
      throw error;
    }
  }

  private async fetchAlone(topic: string): Promise<EndOffsets> {
    const offsets = offsetsOf(await this.fetchFromBroker([topic]), topic);
    this.knownTopics.add(topic);
    return offsets;
  }

  private queueRequest(): PendingRequest {
    const topics = new Set<string>();
    // Also when no request is in flight: all calls of one turn of the event loop share one request.
    const previous = this.inFlight ?? Promise.resolve();
    const response = previous
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        const sent = this.fetchFromBroker([...topics]);
        this.inFlight = sent;
        return sent.finally(() => {
          if (this.inFlight === sent) this.inFlight = undefined;
        });
      });
    return { topics, response };
  }
}

const offsetsOf = (response: ReadonlyMap<string, EndOffsets>, topic: string): EndOffsets =>
  response.get(topic) ?? new Map<number, bigint>();
