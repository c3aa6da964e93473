const countedEvents = [
  'steps',
  // An instance crashed while it held leases.
  'crashes',
  'stops',
  // A lane was claimed after the lease of another claim had expired.
  'takeovers',
  // Records arrived that had been ingested before.
  'redeliveries',
  // A result arrived after its lane was claimed by another instance, or a second time.
  'late results',
  // A head was released because its lease might have expired before the result was recorded.
  'released',
  'calls failed',
  // The store executed a call, and its caller received a failure.
  'responses lost',
  'requests',
  'timeouts',
  // The receiver had accepted the event and received it again.
  'repeated after 2xx',
  'blocked',
  'delivered',
  'exhausted',
  'canceled',
  'expired',
] as const;
export type CountedEvent = (typeof countedEvents)[number];

/** Counts the faults and outcomes that the schedules are meant to produce. */
export class EventCounts {
  readonly byEvent = Object.fromEntries(countedEvents.map((name) => [name, 0])) as Record<
    CountedEvent,
    number
  >;

  add(what: CountedEvent, n = 1): void {
    this.byEvent[what] += n;
  }
}
