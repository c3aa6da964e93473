import { SandboxBusy } from '../sandbox-error.ts';

export interface FairQueueOptions {
  /** How many permits the semaphore has. */
  concurrency: number;
  /** How many requests for a permit may wait, not counting those with `alwaysWaits`. */
  maximumWaiting: number;
}

/** A request for a place. */
export interface PlaceRequest {
  /** Organizations take turns: one permit per turn, whatever the number of their requests. */
  organizationId: string;
  /** Waits also where the queue is full: for work that is limited elsewhere. */
  alwaysWaits?: boolean;
  signal?: AbortSignal | undefined;
}

interface Waiting {
  organizationId: string;
  alwaysWaits: boolean;
  admit: () => void;
  refuse: (error: Error) => void;
}

/** A semaphore with a bounded queue in which organizations take turns. */
export class FairQueue {
  private active = 0;
  /** The requests of each organization, in the order of their turns; no list is empty. */
  private readonly lists = new Map<string, Waiting[]>();

  constructor(private readonly options: FairQueueOptions) {}

  /** How many requests wait. */
  get length(): number {
    return [...this.lists.values()].reduce((sum, list) => sum + list.length, 0);
  }

  /**
   * Resolves when a permit is granted, with the function that releases it.
   * @throws SandboxBusy if the queue is full, or if it became full and this was the last request of the longest list;
   *   the signal's reason when aborted
   */
  async acquire({
    organizationId,
    alwaysWaits = false,
    signal,
  }: PlaceRequest): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.active < this.options.concurrency) this.active++;
    else await this.wait(organizationId, alwaysWaits, signal);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.release();
    };
  }

  private async wait(
    organizationId: string,
    alwaysWaits: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (!alwaysWaits) this.makeRoom(organizationId);
    const admitted = Promise.withResolvers<void>();
    const waiting: Waiting = {
      organizationId,
      alwaysWaits,
      admit: admitted.resolve,
      refuse: admitted.reject,
    };
    const list = this.lists.get(organizationId);
    if (list) list.push(waiting);
    else this.lists.set(organizationId, [waiting]);
    const abort = () => {
      if (this.remove(waiting)) admitted.reject(signal!.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await admitted.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** If the queue is full, the last request of the longest list is refused in favour of an organization with a shorter list. */
  private makeRoom(organizationId: string): void {
    const refusable = [...this.lists.values()].map((list) =>
      list.filter(({ alwaysWaits }) => !alwaysWaits),
    );
    const count = refusable.reduce((sum, list) => sum + list.length, 0);
    if (count < this.options.maximumWaiting) return;
    const own = refusable.find(([first]) => first?.organizationId === organizationId)?.length ?? 0;
    const longest = refusable.toSorted((a, b) => b.length - a.length)[0] ?? [];
    const last = longest.at(-1);
    if (!last || longest.length <= own + 1) throw new SandboxBusy();
    this.remove(last);
    last.refuse(new SandboxBusy());
  }

  private remove(waiting: Waiting): boolean {
    const list = this.lists.get(waiting.organizationId);
    const index = list?.indexOf(waiting) ?? -1;
    if (!list || index < 0) return false;
    list.splice(index, 1);
    if (list.length === 0) this.lists.delete(waiting.organizationId);
    return true;
  }

  /** Grants the permit to the organization whose turn it is, and moves that organization to the end of the order. */
  private release(): void {
    const turn = this.lists.entries().next().value;
    if (!turn) {
      this.active--;
      return;
    }
    const [organizationId, list] = turn;
    const next = list.shift()!;
    this.lists.delete(organizationId);
    if (list.length > 0) this.lists.set(organizationId, list);
    next.admit();
  }
}
