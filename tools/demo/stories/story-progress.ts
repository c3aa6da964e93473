import type { Facts } from './facts.ts';
import { missing, type ExpectedRequest, type StoryRequest } from './story-faults.ts';
import type { ReceivedRequest } from './story-receiver.ts';

/** The requests of a story that are awaited and that arrived. */
export class StoryProgress {
  readonly expected: ExpectedRequest[] = [];
  readonly received: StoryRequest[] = [];
  private readonly early: ReceivedRequest[] = [];
  private readonly waiting = new Set<() => void>();

  /** @param onRequest gets each request once the name of its case or order is known */
  constructor(
    private readonly facts: Facts,
    private readonly onRequest: (request: StoryRequest) => void,
  ) {}

  expect(requests: readonly ExpectedRequest[]): void {
    this.expected.push(...requests);
  }

  add(request: ReceivedRequest): void {
    if (this.facts.knows(request.aboutId)) this.accept(request);
    else this.early.push(request);
  }

  /** An event can arrive before the response to the request that caused it: its case or order has a name only after that. */
  acceptEarly(): void {
    for (const request of this.early.splice(0)) this.accept(request);
  }

  private accept({ aboutId, ...request }: ReceivedRequest): void {
    const named = { ...request, about: this.facts.nameOf(aboutId) };
    this.received.push(named);
    this.onRequest(named);
    for (const check of this.waiting) check();
  }

  get isComplete(): boolean {
    return missing(this.expected, this.received).length === 0;
  }

  /** Resolves with true when everything that is expected so far has arrived, and with false when the signal aborts. */
  complete(giveUp: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const check = () => {
      if (this.isComplete || giveUp.aborted) resolve(this.isComplete);
    };
    this.waiting.add(check);
    giveUp.addEventListener('abort', check, { once: true });
    check();
    return promise.finally(() => this.waiting.delete(check));
  }
}
