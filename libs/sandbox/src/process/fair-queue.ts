import { SandboxBusy } from './sandbox-error.ts';

export interface FairQueueOptions {
  /** How many may be in at once. */
  atOnce: number;
  /** How many of those that do not insist may wait. */
  longest: number;
}

export interface Entry {
  /** Whose turn it is to be: each owner has one turn after the other, whatever the lengths of their lines. */
  tenant: string;
  /** Waits also where the queue is full: for work whose amount is bounded elsewhere. */
  insists?: boolean;
  signal?: AbortSignal | undefined;
}

interface Waiting {
  owner: string;
  insists: boolean;
  admit: () => void;
  refuse: (error: Error) => void;
}

/** Bounds how many are in at once, and lets the owners of those that wait take turns. */
export class FairQueue {
  private inside = 0;
  /** By owner, in the order of their turns; no line is empty. */
  private readonly lines = new Map<string, Waiting[]>();

  constructor(private readonly options: FairQueueOptions) {}

  /** Those that wait. */
  get length(): number {
    return [...this.lines.values()].reduce((sum, line) => sum + line.length, 0);
  }

  /**
   * Resolves when there is a place, with the function that gives it back.
   * @throws ContainmentBusy where the queue is full, or became so and this one was the last of the longest line;
   *   the signal's reason when aborted
   */
  async enter({ tenant: owner, insists = false, signal }: Entry): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.inside < this.options.atOnce) this.inside++;
    else await this.wait({ tenant: owner, insists, signal });
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.leave();
    };
  }

  private async wait({
    tenant: owner,
    insists,
    signal,
  }: Required<Pick<Entry, 'tenant' | 'insists'>> & Entry) {
    if (!insists) this.makeRoom(owner);
    const admitted = Promise.withResolvers<void>();
    const waiting: Waiting = {
      owner,
      insists,
      admit: admitted.resolve,
      refuse: admitted.reject,
    };
    const line = this.lines.get(owner);
    if (line) line.push(waiting);
    else this.lines.set(owner, [waiting]);
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

  /** Where the queue is full, somebody with a shorter line takes the place of the last one in the longest. */
  private makeRoom(owner: string): void {
    const refusable = [...this.lines.values()].map((line) =>
      line.filter(({ insists }) => !insists),
    );
    if (refusable.reduce((sum, line) => sum + line.length, 0) < this.options.longest) return;
    const own = refusable.find(([first]) => first?.owner === owner)?.length ?? 0;
    const longest = refusable.toSorted((a, b) => b.length - a.length)[0] ?? [];
    const last = longest.at(-1);
    if (!last || longest.length <= own + 1) throw new SandboxBusy();
    this.remove(last);
    last.refuse(new SandboxBusy());
  }

  private remove(waiting: Waiting): boolean {
    const line = this.lines.get(waiting.owner);
    const at = line?.indexOf(waiting) ?? -1;
    if (!line || at < 0) return false;
    line.splice(at, 1);
    if (line.length === 0) this.lines.delete(waiting.owner);
    return true;
  }

  /** The place goes to the owner whose turn it is, who then has the last turn. */
  private leave(): void {
    const turn = this.lines.entries().next().value;
    if (!turn) {
      this.inside--;
      return;
    }
    const [owner, line] = turn;
    const next = line.shift()!;
    this.lines.delete(owner);
    if (line.length > 0) this.lines.set(owner, line);
    next.admit();
  }
}
