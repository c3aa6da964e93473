import type { Verified } from '../verification.ts';

/** The last event received in a lane. */
export interface LanePosition {
  number: number;
  id: string;
}

/** Stores the last position of each lane: in memory, or in a store that several processes share. */
export interface LanePositions {
  get(lane: string): LanePosition | undefined | Promise<LanePosition | undefined>;
  set(lane: string, position: LanePosition): void | Promise<unknown>;
}

/** The order of an event relative to the last event received in its lane. */
export type Order =
  /** The next event. `givenUp`: how many events between the two the sender gave up; none of them was received. */
  | { kind: 'next'; givenUp: number }
  /** The last event again. */
  | { kind: 'repeat' }
  /** An event from before the last. */
  | { kind: 'late' }
  /** `count` events between the two were neither received nor reported as given up. */
  | { kind: 'missing'; count: number; givenUp: number }
  /** The sender's sequence contradicts the received events: another event had this position or the one before it. */
  | { kind: 'conflict' }
  /** The first event received in this lane is not the lane's first event. */
  | { kind: 'joined' }
  /** The event has no position in a lane, such as a replay. */
  | { kind: 'unsequenced' };

/**
 * Compares an event with the last position of its lane. It relies on signed headers only: the sequence number, the id of the
 * previous event, and how many events before it were given up.
 * @param last the last position of the lane; undefined where nothing was received
 */
export function orderOf(
  last: LanePosition | undefined,
  { id, sequence }: Pick<Verified, 'id' | 'sequence'>,
): Order {
  if (!sequence) return { kind: 'unsequenced' };
  const { number, previousId, gap } = sequence;
  const accountedFrom = number - gap;
  if (!last) return accountedFrom <= 1 ? { kind: 'next', givenUp: gap } : { kind: 'joined' };
  if (number === last.number) return { kind: id === last.id ? 'repeat' : 'conflict' };
  if (number < last.number) return { kind: 'late' };
  if (number === last.number + 1) {
    // The gap is ignored here: an event whose response was lost is received, although the sender gave it up.
    return previousId === last.id ? { kind: 'next', givenUp: 0 } : { kind: 'conflict' };
  }
  if (accountedFrom > last.number + 1) {
    return { kind: 'missing', count: accountedFrom - last.number - 1, givenUp: gap };
  }
  return { kind: 'next', givenUp: number - last.number - 1 };
}

const advances: ReadonlySet<Order['kind']> = new Set(['next', 'missing', 'joined']);

/** Checks for each lane that events arrive in order, and that none is missing unless the sender reports it as given up. */
export class OrderChecker {
  constructor(private readonly positions: LanePositions = new InMemoryLanePositions()) {}

  /**
   * Compares an event with the last one of its lane, and stores its position. Call it once per verified request.
   * @param lane the key of the lane: for the dialects casewire and truenroll `laneOf(event)`
   * @param verified the result of `verify`
   */
  async check(lane: string, verified: Pick<Verified, 'id' | 'sequence'>): Promise<Order> {
    const order = orderOf(await this.positions.get(lane), verified);
    if (verified.sequence && advances.has(order.kind)) {
      await this.positions.set(lane, { number: verified.sequence.number, id: verified.id });
    }
    return order;
  }
}

/**
 * For one process. Beyond `maxLanes` the least recently used lane is removed; its next event is `joined` again.
 */
export class InMemoryLanePositions implements LanePositions {
  private readonly positions = new Map<string, LanePosition>();

  constructor(private readonly maxLanes = 100_000) {}

  get(lane: string): LanePosition | undefined {
    return this.positions.get(lane);
  }

  set(lane: string, position: LanePosition): void {
    this.positions.delete(lane);
    const [oldest] = this.positions.keys();
    if (oldest !== undefined && this.positions.size >= this.maxLanes) this.positions.delete(oldest);
    this.positions.set(lane, position);
  }
}
