import type { AttemptRow, DeliveryRow, LaneRow, MemoryTables } from './memory-tables.ts';

const is2xx = (status: number | null): boolean => status !== null && status >= 200 && status < 300;

/** Describes every forbidden state, by the rules of `lane_faults()`. */
export function faultsOf(tables: MemoryTables): string[] {
  const attempts = Map.groupBy(
    tables.attempts.toSorted(
      (a, b) => a.startedAt.getTime() - b.startedAt.getTime() || a.number - b.number,
    ),
    ({ deliveryId }) => deliveryId,
  );
  const faults: string[] = [];
  for (const lane of tables.lanes.values())
    for (const fault of faultsOfLane(lane)) faults.push(`${fault}: lane ${lane.id}`);
  for (const delivery of tables.deliveries.values())
    for (const fault of faultsOfDelivery(tables, delivery, attempts.get(delivery.id) ?? []))
      faults.push(`${fault}: lane ${delivery.lane.id}, place ${delivery.seq}`);
  const own = Map.groupBy(
    [...tables.deliveries.values()].filter(({ lane }) => lane.replayJob === null),
    ({ eventId }) => eventId,
  );
  for (const { id, matched } of tables.events.values()) {
    const stored = own.get(id) ?? [];
    if (stored.length !== matched)
      faults.push(`more or fewer deliveries than matched: event ${id}`);
    if (new Set(stored.map(({ lane }) => lane.destinationId)).size !== stored.length)
      faults.push(`delivered to a destination twice: event ${id}`);
  }
  return faults;
}

function* faultsOfLane(lane: LaneRow): Iterable<string> {
  const { head, tail, deliveries, leaseHolder, leasedUntil, gap, blocked } = lane;
  if (head > tail + 1) yield 'head beyond tail + 1';
  if (deliveries.length !== tail || deliveries.some(({ seq }, i) => seq !== i + 1))
    yield 'places of a lane are not 1 to tail';
  if ((leaseHolder === null) !== (leasedUntil === -Infinity))
    yield 'a lease holder without a lease, or a lease without a lease holder';
  const lastDelivered = deliveries.findLast(
    ({ seq, state }) => seq < head && state === 'delivered',
  );
  if (gap !== head - 1 - (lastDelivered?.seq ?? 0))
    yield 'the gap is not the number of deliveries given up before the head';
  if (blocked && (head > tail || leaseHolder !== null))
    yield 'blocked without an open head, or with a lease';
}

function* faultsOfDelivery(
  tables: MemoryTables,
  delivery: DeliveryRow,
  attempts: readonly AttemptRow[],
): Iterable<string> {
  const { id, lane, seq, state, settledAt } = delivery;
  if (state === 'pending' && (seq < lane.head || seq > lane.tail))
    yield 'pending outside head and tail';
  if (state !== 'pending' && seq >= lane.head) yield 'settled at or above head';
  if (state === 'pending' && tables.destinationOf(lane).deleted)
    yield 'open for a deleted destination';
  if ((settledAt === null) !== (state === 'pending'))
    yield 'settled without a time, or a time without being settled';
  if (delivery.attempts !== (attempts.at(-1)?.number ?? 0))
    yield 'the number of attempts differs from the recorded attempts';
  // Only a blocked delivery begins its schedule again.
  const isRepeated = attempts.some(({ number }, i) => {
    const before = attempts[i - 1];
    return before && number <= before.number && (before.followed || is2xx(before.status));
  });
  if (isRepeated) yield 'an attempt is recorded twice';
  if ((state === 'exhausted' || state === 'expired') !== tables.undelivered.has(id))
    yield 'given up without a row in undelivered, or the reverse';
  const answered = attempts.some(({ status }) => is2xx(status));
  if ((state === 'delivered' && !answered) || (state === 'exhausted' && answered))
    yield 'delivered without a 2xx response, or exhausted with one';
}
