/** How many events are remembered, with some hundred bytes each. */
const maxEvents = 20_000;

/**
 * When the records of recently ingested events were written: the newest 20,000 of this instance. A first attempt of an older event is
 * a late one because of its destination, or after a restart.
 */
export class EventTimes {
  private readonly times = new Map<string, number>();

  constructor(private readonly most = maxEvents) {}

  /** @param writtenAt the timestamp of the event's record, in milliseconds */
  add(eventId: string, writtenAt: number): void {
    this.times.set(eventId, writtenAt);
    if (this.times.size <= this.most) return;
    const [oldest] = this.times.keys();
    this.times.delete(oldest!);
  }

  /**
   * @param at the time of an attempt, in milliseconds
   * @returns seconds from the record to the attempt, 0 if the clock of the producer is ahead; undefined for an event that is not remembered
   */
  secondsSince(eventId: string, at: number): number | undefined {
    const writtenAt = this.times.get(eventId);
    return writtenAt === undefined ? undefined : Math.max(0, at - writtenAt) / 1000;
  }
}
