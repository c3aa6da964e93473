/** The offset after the last record of each partition. */
export type EndOffsets = Map<number, bigint>;

/**
 * A point in the order of the requests for end offsets, taken when a fetch has returned. A response counts for a record of this fetch only if
 * its request was sent after the mark: then it includes everything that was acknowledged before the record was written.
 */
export interface FetchMark {
  /** The requests that the mark belongs to: it means nothing for those of another event log. */
  readonly of: EndOffsetRequests;
  /** The number of requests that were sent before. */
  readonly sent: number;
}

interface SharedRequest {
  topics: Set<string>;
  response: Promise<Map<string, EndOffsets>>;
  /** The place in the order of requests, from 1; `undefined` until it is sent. */
  number: number | undefined;
}

/**
 * Requests the end offsets of topics, one request at a time. All callers that arrive before a request is sent share its response,
 * whatever their topics. A request that was sent earlier may miss records that were written since, so later callers share
 * the next request, unless they have a mark from before it was sent. A topic that was not requested successfully before gets a
 * request of its own: for a topic that does not exist the retries take long, and callers for other topics must not wait for them.
 */
export class EndOffsetRequests {
  private readonly knownTopics = new Set<string>();
  private inFlight: Promise<unknown> | undefined;
  private next: SharedRequest | undefined;
  /** The last one that was sent, unless it failed. */
  private last: SharedRequest | undefined;
  private sent = 0;

  constructor(
    private readonly fetchFromBroker: (topics: string[]) => Promise<Map<string, EndOffsets>>,
  ) {}

  /** A mark for requests that are sent from now on. */
  mark(): FetchMark {
    return { of: this, sent: this.sent };
  }

  /** @param after a request that was sent after this mark counts; without a mark only one that is sent after the call does */
  async fetch(topic: string, after?: FetchMark): Promise<EndOffsets> {
    if (!this.knownTopics.has(topic)) return this.fetchAlone(topic);
    const request = this.lastAfter(topic, after) ?? (this.next ??= this.queueRequest());
    const { topics, response } = request;
    topics.add(topic);
    try {
      return offsetsOf(await response, topic);
    } catch (error) {
      // It is unknown which topic caused the failure: the next request for each of them is separate.
      for (const requested of topics) this.knownTopics.delete(requested);
      throw error;
    }
  }

  private lastAfter(topic: string, after: FetchMark | undefined): SharedRequest | undefined {
    const { last } = this;
    if (after?.of !== this || last?.number === undefined || last.number <= after.sent) return;
    return last.topics.has(topic) ? last : undefined;
  }

  private async fetchAlone(topic: string): Promise<EndOffsets> {
    const offsets = offsetsOf(await this.fetchFromBroker([topic]), topic);
    this.knownTopics.add(topic);
    return offsets;
  }

  private queueRequest(): SharedRequest {
    const topics = new Set<string>();
    // Also when no request is in flight: all calls of one turn of the event loop share one request.
    const previous = this.inFlight ?? Promise.resolve();
    const response = previous.catch(() => undefined).then(() => this.send(request));
    const request: SharedRequest = { topics, response, number: undefined };
    return request;
  }

  private async send(request: SharedRequest): Promise<Map<string, EndOffsets>> {
    this.next = undefined;
    this.sent += 1;
    request.number = this.sent;
    this.last = request;
    const response = this.fetchFromBroker([...request.topics]);
    this.inFlight = response;
    try {
      return await response;
    } catch (error) {
      if (this.last === request) this.last = undefined;
      throw error;
    } finally {
      if (this.inFlight === response) this.inFlight = undefined;
    }
  }
}

const offsetsOf = (response: ReadonlyMap<string, EndOffsets>, topic: string): EndOffsets =>
  response.get(topic) ?? new Map<number, bigint>();
