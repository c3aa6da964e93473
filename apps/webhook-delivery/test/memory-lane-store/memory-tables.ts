import type { DeliveryState, SuspensionReason } from '@casewire/contracts';

import type { CallbackDestination, PinnedRequest } from '../../src/model/lane-store.ts';

/** Milliseconds since 1970, by the clock of the tables. */
export type Timestamp = number;
export const never: Timestamp = -Infinity;

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
  disabledAt: Timestamp | null;
  revision: number;
  deleted: boolean;
  suspendedAt: Timestamp | null;
  suspension: SuspensionReason | null;
  failures: number;
  failingSince: Timestamp | null;
  deliveredAt: Timestamp | null;
  trips: number;
  gateUntil: Timestamp;
  inFlightLimit: number;
  maxInFlight: number;
  ratePerSecond: number | null;
  tokens: number;
  tokensAt: Timestamp;
}

export interface HostRow {
  failures: number;
  trips: number;
  gateUntil: Timestamp;
  probingUntil: Timestamp;
}

export interface LaneKey {
  destinationId: string;
  topic: string;
  key: string;
  feature: string;
  replayJob: string | null;
}

export interface LaneRow extends LaneKey {
  id: string;
  head: number;
  tail: number;
  nextAt: Timestamp;
  attempts: number;
  leaseHolder: string | null;
  epoch: number;
  leasedUntil: Timestamp;
  gap: number;
  blocked: boolean;
  /** By place: the delivery with seq 1 is at index 0. */
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
  createdAt: Timestamp;
  settledAt: Timestamp | null;
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
  /** Whether a retry follows. */
  followed: boolean;
}

/** The rows of memory lane stores. The stores of several instances share them. */
export class MemoryTables {
  readonly events = new Map<string, EventRow>();
  readonly destinations = new Map<string, DestinationRow>();
  readonly hosts = new Map<string, HostRow>();
  readonly lanes = new Map<string, LaneRow>();
  readonly deliveries = new Map<string, DeliveryRow>();
  readonly attempts: AttemptRow[] = [];
  readonly cursors = new Map<string, bigint>();
  readonly canceledJobs = new Set<string>();
  /** Deliveries that are exhausted or expired. */
  readonly undelivered = new Set<string>();
  private readonly byDestination = new Map<string, LaneRow[]>();
  private readonly byKey = new Map<string, LaneRow>();
  private readonly byEndpoint = new Map<string, DestinationRow>();
  private lastId = 0;

  /** @param clock in milliseconds since 1970 */
  constructor(private readonly clock: { now(): Timestamp }) {}

  get now(): Timestamp {
    return this.clock.now();
  }

  nextId(): string {
    return String(++this.lastId);
  }

  lanesOf(destinationId: string): readonly LaneRow[] {
    return this.byDestination.get(destinationId) ?? [];
  }

  /** The lane with this key, created if it is missing. */
  lane(key: LaneKey): LaneRow {
    const id = JSON.stringify([key.destinationId, key.topic, key.key, key.feature, key.replayJob]);
    const known = this.byKey.get(id);
    if (known) return known;
    const { destinationId } = key;
    const lane: LaneRow = {
      ...key,
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
    this.byKey.set(id, lane);
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
      this.undelivered,
      this.byDestination,
      this.byKey,
      this.byEndpoint,
    ])
      table.clear();
    this.attempts.length = 0;
  }
}
