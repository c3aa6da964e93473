/** At least so many events are remembered, and at most twice as many: some hundred bytes each. */
const leastEvents = 20_000;

/**
 * When the records of recently ingested events were written: of the newest 20,000 of this instance. A first attempt of an older event is
 * late because of its destination, or after a restart.
 */
export class EventTimes {
  // Two generations: a map from which the oldest entry is removed again and again has to skip all the removed ones to find it.
  private newer = new Map<string, number>();
  private older = new Map<string, number>();

  constructor(private readonly least = leastEvents) {}

  /** @param writtenAt the timestamp of the event's record, in milliseconds */
  add(eventId: string, writtenAt: number): void {
    this.newer.set(eventId, writtenAt);
    if (this.newer.size < this.least) return;
    this.older = this.newer;
    this.newer = new Map();
  }

  /**
   * @param at the time of an attempt, in milliseconds
   * @returns seconds from the record to the attempt, 0 if the clock of the producer is ahead; undefined for an event that is not remembered
   */
  secondsSince(eventId: string, at: number): number | undefined {
    const writtenAt = this.newer.get(eventId) ?? this.older.get(eventId);
    return writtenAt === undefined ? undefined : Math.max(0, at - writtenAt) / 1000;
  }
}
