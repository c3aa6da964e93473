import type { DeliveryState, SuspensionReason } from '@casewire/contracts';

import type { CallbackDestination, PinnedRequest } from '../../src/model/lane-store.ts';

/** Moments are milliseconds by the tables' own clock. */
export type Moment = number;
export const never: Moment = -Infinity;

export interface EventRow {
  id: string;
  topic: string;
  key: string | null;
  type: string;
  organizationId: string;
  traceparent: string | null;
  subject: string | null;
  correlationId: string | null;
  callbackUrl: string | null;
  digest: Buffer;
  misplaced: boolean;
  matched: number;
  partition: number;
  offset: bigint;
  registryOffset: bigint;
  erased: boolean;
}

export interface DestinationRow {
  id: string;
  endpointId: string | null;
  callback: (Omit<CallbackDestination, 'sealedUrl'> & { sealedUrl: string | null }) | null;
  organizationId: string;
  enabled: boolean;
  disabledAt: Moment | null;
  revision: number;
  deleted: boolean;
  suspendedAt: Moment | null;
  suspension: SuspensionReason | null;
  failures: number;
  failingSince: Moment | null;
  deliveredAt: Moment | null;
  trips: number;
  gateUntil: Moment;
  inFlightLimit: number;
  maxInFlight: number;
  ratePerSecond: number | null;
  tokens: number;
  tokensAt: Moment;
}

export interface HostRow {
  failures: number;
  trips: number;
  gateUntil: Moment;
  probingUntil: Moment;
}

export interface LaneName {
  destinationId: string;
  topic: string;
  key: string;
  feature: string;
  replayJob: string | null;
}

export interface LaneRow extends LaneName {
  id: string;
  head: number;
  tail: number;
  nextAt: Moment;
  attempts: number;
  leaseHolder: string | null;
  epoch: number;
  leasedUntil: Moment;
  gap: number;
  blocked: boolean;
  /** By their place: the first is at 0. */
  deliveries: DeliveryRow[];
}

export interface DeliveryRow extends Omit<PinnedRequest, 'body'> {
  id: string;
  lane: LaneRow;
  seq: number;
  eventId: string;
  body: Buffer | null;
  state: DeliveryState;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
  createdAt: Moment;
  settledAt: Moment | null;
}

export interface AttemptRow {
  deliveryId: string;
  number: number;
  startedAt: Date;
  status: number | null;
  error: string | null;
  requestBody: Buffer | null;
  responseHeaders: Record<string, string> | null;
  responseBody: Buffer | null;
  followed: boolean;
}

/** What stores of lanes in memory have in common: each of them is an instance that works on the same lanes. */
export class MemoryTables {
  readonly events = new Map<string, EventRow>();
  readonly destinations = new Map<string, DestinationRow>();
  readonly hosts = new Map<string, HostRow>();
  readonly lanes = new Map<string, LaneRow>();
  readonly deliveries = new Map<string, DeliveryRow>();
  readonly attempts: AttemptRow[] = [];
  readonly cursors = new Map<string, bigint>();
  readonly canceledJobs = new Set<string>();
  /** Deliveries that were exhausted or have expired. */
  readonly givenUp = new Set<string>();
  private readonly byDestination = new Map<string, LaneRow[]>();
  private readonly byName = new Map<string, LaneRow>();
  private readonly byEndpoint = new Map<string, DestinationRow>();
  private lastId = 0;

  /** @param clock when it is: milliseconds since 1970 */
  constructor(private readonly clock: { now(): Moment }) {}

  get now(): Moment {
    return this.clock.now();
  }

  nextId(): string {
    return String(++this.lastId);
  }

  lanesOf(destinationId: string): readonly LaneRow[] {
    return this.byDestination.get(destinationId) ?? [];
  }

  /** The lane of this name, which is made where there is none. */
  lane(name: LaneName): LaneRow {
    const id = JSON.stringify([
      name.destinationId,
      name.topic,
      name.key,
      name.feature,
      name.replayJob,
    ]);
    const known = this.byName.get(id);
    if (known) return known;
    const { destinationId, topic, key, feature, replayJob } = name;
    const lane: LaneRow = {
      destinationId,
      topic,
      key,
      feature,
      replayJob,
      id: this.nextId(),
      head: 1,
      tail: 0,
      nextAt: this.now,
      attempts: 0,
      leaseHolder: null,
      epoch: 0,
      leasedUntil: never,
      gap: 0,
      blocked: false,
      deliveries: [],
    };
    this.byName.set(id, lane);
    this.lanes.set(lane.id, lane);
    const lanes = this.byDestination.get(destinationId);
    if (lanes) lanes.push(lane);
    else this.byDestination.set(destinationId, [lane]);
    return lane;
  }

  destinationOf(lane: LaneRow): DestinationRow {
    return this.destinations.get(lane.destinationId)!;
  }

  endpoint(endpointId: string): DestinationRow | undefined {
    return this.byEndpoint.get(endpointId);
  }

  addDestination(destination: Omit<DestinationRow, 'id'>): DestinationRow {
    const row = { id: this.nextId(), ...destination };
    this.destinations.set(row.id, row);
    if (row.endpointId !== null) this.byEndpoint.set(row.endpointId, row);
    return row;
  }

  clear(): void {
    for (const table of [
      this.events,
      this.destinations,
      this.hosts,
      this.lanes,
      this.deliveries,
      this.cursors,
      this.canceledJobs,
      this.givenUp,
      this.byDestination,
      this.byName,
      this.byEndpoint,
    ])
      table.clear();
    this.attempts.length = 0;
  }
}
