const happenings = [
  'steps',
  // An instance died with lanes that it had claimed.
  'crashes',
  'stops',
  // A lane was claimed whose leaseHolder never came back to it.
  'takeovers',
  // Records came that had been taken in before.
  'redeliveries',
  // An outcome came when its lane was another's, or a second time.
  'late outcomes',
  // A head was given back because its lease might have ended too soon.
  'given back',
  'calls failed',
  // The store did what it was told to, and its caller heard that it failed.
  'answers lost',
  'requests',
  'timeouts',
  // The receiver had taken the event, and got it again.
  'repeated after 2xx',
  'blocked',
  'delivered',
  'exhausted',
  'canceled',
  'expired',
] as const;
export type Happening = (typeof happenings)[number];

/** How often what schedules are run for really happened. */
export class Tally {
  readonly counts = Object.fromEntries(happenings.map((name) => [name, 0])) as Record<
    Happening,
    number
  >;

  add(what: Happening, n = 1): void {
    this.counts[what] += n;
  }
}
