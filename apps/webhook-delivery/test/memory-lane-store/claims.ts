import type { ClaimedHead, ClaimOffer } from '../../src/model/lane-store.ts';
import { leaseSeconds } from '../../src/model/lease.ts';
import type { DestinationRow, LaneRow, MemoryTables } from './memory-tables.ts';

/** The destinations that a claim looks at. */
export interface ClaimRange {
  /** The destination after which it begins. */
  after?: string;
  /** Only these. */
  among?: ReadonlySet<string>;
}

/**
 * Claims due heads of some destinations or of all: no more than slots, of each destination no more than its limits and tokens
 * allow, and one of each destination before a second of any.
 */
export function claim(
  tables: MemoryTables,
  { leaseHolder, slots }: ClaimOffer,
  { after = '0', among }: ClaimRange = {},
): ClaimedHead[] {
  const all = among
    ? [...among].map((id) => tables.destinations.get(id)!)
    : startingAfter(tables, after);
  const open = withProbes(
    tables,
    all.filter((one) => mayBeSentTo(tables, one)).slice(0, 2 * slots),
  );
  const due = open.flatMap(({ destination, most }) => {
    const own = leased(tables, destination).filter(
      (lane) => lane.leaseHolder === leaseHolder,
    ).length;
    const capacity = capacityOf(tables, destination, {
      most,
      slots,
      own,
      destinations: open.length,
    });
    return dueLanes(tables, destination)
      .slice(0, capacity)
      .map((lane, i) => ({ lane, turn: own + i + 1 }));
  });
  const chosen = due
    .toSorted((a, b) => a.turn - b.turn || a.lane.nextAt - b.lane.nextAt)
    .slice(0, slots);
  return chosen.map(({ lane }) => lease(tables, lane, leaseHolder));
}

/** All destinations, beginning with the one after `after`. */
function startingAfter(tables: MemoryTables, after: string): DestinationRow[] {
  const all = [...tables.destinations.values()];
  const behind = all.findIndex(({ id }) => Number(id) > Number(after));
  return behind < 0 ? all : [...all.slice(behind), ...all.slice(0, behind)];
}

const dueLanes = (tables: MemoryTables, { id }: DestinationRow): LaneRow[] =>
  tables
    .lanesOf(id)
    .filter((lane) => isDue(tables, lane))
    .toSorted((a, b) => a.nextAt - b.nextAt);

/** Whether the lane is due; its destination may still be closed. */
export const isDue = ({ now }: MemoryTables, lane: LaneRow): boolean =>
  lane.head <= lane.tail && !lane.blocked && lane.nextAt <= now && lane.leasedUntil <= now;

const leased = (tables: MemoryTables, { id }: DestinationRow): LaneRow[] =>
  tables
    .lanesOf(id)
    .filter(({ leaseHolder, leasedUntil }) => leaseHolder !== null && leasedUntil > tables.now);

function mayBeSentTo(tables: MemoryTables, one: DestinationRow): boolean {
  const { now } = tables;
  if (!one.enabled || one.deleted || one.suspendedAt !== null || one.gateUntil > now) return false;
  const host = one.callback && tables.hosts.get(one.callback.host);
  if (host && (host.gateUntil > now || (host.trips > 0 && host.probingUntil > now))) return false;
  return tokensOf(tables, one) >= 1 && tables.lanesOf(one.id).some((lane) => isDue(tables, lane));
}

/** The tokens in the bucket now: it fills at its rate, up to the tokens of one second. */
function tokensOf({ now }: MemoryTables, { ratePerSecond, tokens, tokensAt }: DestinationRow) {
  if (ratePerSecond === null) return Infinity;
  return Math.min(Math.max(ratePerSecond, 1), tokens + (ratePerSecond * (now - tokensAt)) / 1000);
}

/** If a host's breaker is half open, one of its callback URLs gets one request. */
function withProbes(tables: MemoryTables, open: readonly DestinationRow[]) {
  return open.flatMap((destination) => {
    const host = destination.callback && tables.hosts.get(destination.callback.host);
    if (!host || host.trips === 0) return [{ destination, most: Infinity }];
    if (host.probingUntil > tables.now) return [];
    host.probingUntil = tables.now + leaseSeconds * 1000;
    return [{ destination, most: 1 }];
  });
}

/** The rule of `claimLanes` in engine/store/claim.ts: no destination takes the last slot. */
function capacityOf(
  tables: MemoryTables,
  destination: DestinationRow,
  limits: { most: number; slots: number; own: number; destinations: number },
): number {
  const { most, slots, own, destinations } = limits;
  const allowed = Math.min(destination.maxInFlight, destination.inFlightLimit);
  const share = Math.max(Math.trunc((slots - own) / (1 + destinations)), own === 0 ? 1 : 0);
  const inFlight = leased(tables, destination).length;
  const tokens = Math.floor(tokensOf(tables, destination));
  return Math.max(0, Math.min(allowed - inFlight, most, tokens, share));
}

function lease(tables: MemoryTables, lane: LaneRow, leaseHolder: string): ClaimedHead {
  const destination = tables.destinationOf(lane);
  if (destination.ratePerSecond !== null) {
    destination.tokens = tokensOf(tables, destination) - 1;
    destination.tokensAt = tables.now;
  }
  lane.leaseHolder = leaseHolder;
  lane.epoch++;
  lane.attempts++;
  lane.leasedUntil = tables.now + leaseSeconds * 1000;
  return headOf(tables, lane, destination);
}

function headOf(tables: MemoryTables, lane: LaneRow, destination: DestinationRow): ClaimedHead {
  const delivery = lane.deliveries[lane.head - 1]!;
  const event = tables.events.get(delivery.eventId)!;
  const { callback } = destination;
  return {
    laneId: lane.id,
    seq: String(lane.head),
    epoch: String(lane.epoch),
    attempt: lane.attempts,
    dueAt: new Date(lane.nextAt),
    deliveryId: delivery.id,
    eventId: event.id,
    eventType: event.type,
    destinationId: destination.id,
    organizationId: destination.organizationId,
    endpointId: destination.endpointId,
    callback: callback && {
      hash: callback.hash,
      sealedUrl: callback.sealedUrl,
      host: callback.host,
    },
    dialect: delivery.dialect,
    version: delivery.version,
    headers: delivery.headers,
    body: delivery.body!,
    fault: delivery.fault,
    previousId: lane.deliveries[lane.head - 2]?.eventId ?? null,
    gap: lane.gap,
    replayJob: lane.replayJob,
    lastStatus: delivery.lastStatus,
    lastError: delivery.lastError,
    traceparent: event.traceparent,
  };
}
