import type { Verified } from '../verification.ts';

/** The last event that was received of a lane. */
export interface LaneHead {
  number: number;
  id: string;
}

/** Where the heads of lanes are kept: in memory, or in what several processes share. */
export interface LaneHeads {
  get(lane: string): LaneHead | undefined | Promise<LaneHead | undefined>;
  set(lane: string, head: LaneHead): void | Promise<unknown>;
}

/** How an event stands to the one that was received before it in its lane. */
export type Order =
  /** The next. `givenUp`: events between that the sender says it gave up; none of them was received. */
  | { kind: 'next'; givenUp: number }
  /** The last one again. */
  | { kind: 'repeat' }
  /** One from before the last. */
  | { kind: 'late' }
  /** `count` events between were neither received nor said to be given up. */
  | { kind: 'missing'; count: number; givenUp: number }
  /** The sender's chain does not fit what was received: another event had this place, or came before it. */
  | { kind: 'conflict' }
  /** The lane is new here, and this is not its beginning. */
  | { kind: 'joined' }
  /** It has no place in a lane, as replays have none. */
  | { kind: 'unsequenced' };

/**
 * How an event stands to the head of its lane. What it relies on is signed: number, id of the event before, and how many
 * before it were given up.
 */
export function orderOf(
  head: LaneHead | undefined,
  { id, sequence }: Pick<Verified, 'id' | 'sequence'>,
): Order {
  if (!sequence) return { kind: 'unsequenced' };
  const { number, previousId, gap } = sequence;
  const accountedFrom = number - gap;
  if (!head) return accountedFrom <= 1 ? { kind: 'next', givenUp: gap } : { kind: 'joined' };
  if (number === head.number) return { kind: id === head.id ? 'repeat' : 'conflict' };
  if (number < head.number) return { kind: 'late' };
  if (number === head.number + 1) {
    // Directly behind it, whatever the sender gave up: an event whose answer was lost was received and given up.
    return previousId === head.id ? { kind: 'next', givenUp: 0 } : { kind: 'conflict' };
  }
  if (accountedFrom > head.number + 1) {
    return { kind: 'missing', count: accountedFrom - head.number - 1, givenUp: gap };
  }
  return { kind: 'next', givenUp: number - head.number - 1 };
}

const advances: ReadonlySet<Order['kind']> = new Set(['next', 'missing', 'joined']);

/** Checks lane by lane that events come in order, and that none is missing without the sender's word. */
export class OrderChecker {
  constructor(private readonly heads: LaneHeads = new InMemoryLaneHeads()) {}

  /**
   * @param lane what the sender keeps in order: for Casewire's own dialect `laneOf(event)`
   * @param verified what `verify` gave
   */
  async check(lane: string, verified: Pick<Verified, 'id' | 'sequence'>): Promise<Order> {
    const order = orderOf(await this.heads.get(lane), verified);
    if (verified.sequence && advances.has(order.kind)) {
      await this.heads.set(lane, { number: verified.sequence.number, id: verified.id });
    }
    return order;
  }
}

/** For one process. Of too many lanes those are forgotten that were quiet the longest: they are `joined` again. */
export class InMemoryLaneHeads implements LaneHeads {
  private readonly heads = new Map<string, LaneHead>();

  constructor(private readonly maxLanes = 100_000) {}

  get(lane: string): LaneHead | undefined {
    return this.heads.get(lane);
  }

  set(lane: string, head: LaneHead): void {
    this.heads.delete(lane);
    const [oldest] = this.heads.keys();
    if (oldest !== undefined && this.heads.size >= this.maxLanes) this.heads.delete(oldest);
    this.heads.set(lane, head);
  }
}
