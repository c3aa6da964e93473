import type { ClaimedHead, ClaimOffer } from '../../src/model/lane-store.ts';
import { leaseSeconds } from '../../src/model/lease.ts';
import type { DestinationRow, LaneRow, MemoryTables } from './memory-tables.ts';

/** Where a claim looks. */
export interface ClaimPlace {
  /** The destination behind which it begins. */
  after?: string;
  /** Only at these. */
  among?: ReadonlySet<string>;
}

/**
 * Claims due heads, at some destinations or at all: no more than there are slots, of each destination no more than it has
 * room and tokens for, and of each one before it takes two of any.
 */
export function claim(
  tables: MemoryTables,
  { leaseHolder, slots }: ClaimOffer,
  { after = '0', among }: ClaimPlace = {},
): ClaimedHead[] {
  const all = among
    ? [...among].map((id) => tables.destinations.get(id)!)
    : roundFrom(tables, after);
  const open = withProbes(
    tables,
    all.filter((one) => mayBeSentTo(tables, one)).slice(0, 2 * slots),
  );
  const due = open.flatMap(({ destination, most }) => {
    const here = leased(tables, destination).filter(
      (lane) => lane.leaseHolder === leaseHolder,
    ).length;
    const room = roomOf(tables, destination, { most, slots, here, rivals: open.length });
    return dueLanes(tables, destination)
      .slice(0, room)
      .map((lane, i) => ({ lane, turn: here + i + 1 }));
  });
  const chosen = due
    .toSorted((a, b) => a.turn - b.turn || a.lane.nextAt - b.lane.nextAt)
    .slice(0, slots);
  return chosen.map(({ lane }) => take(tables, lane, leaseHolder));
}

/** All destinations, the one behind `after` first. */
function roundFrom(tables: MemoryTables, after: string): DestinationRow[] {
  const all = [...tables.destinations.values()];
  const behind = all.findIndex(({ id }) => Number(id) > Number(after));
  return behind < 0 ? all : [...all.slice(behind), ...all.slice(0, behind)];
}

const dueLanes = (tables: MemoryTables, { id }: DestinationRow): LaneRow[] =>
  tables
    .lanesOf(id)
    .filter((lane) => isDue(tables, lane))
    .toSorted((a, b) => a.nextAt - b.nextAt);

/** Whether its head may be claimed, as far as the lane is concerned. */
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

/** What the token bucket holds; it fills by its rate, up to one second's worth. */
function tokensOf({ now }: MemoryTables, { ratePerSecond, tokens, tokensAt }: DestinationRow) {
  if (ratePerSecond === null) return Infinity;
  return Math.min(Math.max(ratePerSecond, 1), tokens + (ratePerSecond * (now - tokensAt)) / 1000);
}

/** Of the callback URLs of a host whose breaker is half open one gets one request. */
function withProbes(tables: MemoryTables, open: readonly DestinationRow[]) {
  return open.flatMap((destination) => {
    const host = destination.callback && tables.hosts.get(destination.callback.host);
    if (!host || host.trips === 0) return [{ destination, most: Infinity }];
    if (host.probingUntil > tables.now) return [];
    host.probingUntil = tables.now + leaseSeconds * 1000;
    return [{ destination, most: 1 }];
  });
}

/** As `claimLanes` in lanes/claim.ts has it: no destination takes the last slot from those that come later. */
function roomOf(
  tables: MemoryTables,
  destination: DestinationRow,
  given: { most: number; slots: number; here: number; rivals: number },
): number {
  const { most, slots, here, rivals } = given;
  const flight = Math.min(destination.maxInFlight, destination.inFlightLimit);
  const share = Math.max(Math.trunc((slots - here) / (1 + rivals)), here === 0 ? 1 : 0);
  const everywhere = leased(tables, destination).length;
  const tokens = Math.floor(tokensOf(tables, destination));
  return Math.max(0, Math.min(flight - everywhere, most, tokens, share));
}

function take(tables: MemoryTables, lane: LaneRow, leaseHolder: string): ClaimedHead {
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
