import type { DeliveryState, SuspensionReason } from '@casewire/contracts';

import type { LaneStore } from '../src/model/lane-store.ts';

/** What a lane store holds, for tests to look at: whatever holds it. */
export interface LaneInspection {
  /** In the order in which they were made. */
  deliveries(): Promise<StoredDelivery[]>;
  /** In the order in which they were made. */
  attempts(): Promise<StoredAttempt[]>;
  /** In the order in which they were made. */
  lanes(): Promise<StoredLane[]>;
  destinations(): Promise<StoredDestination[]>;
  /** In the order of partitions and offsets. */
  events(): Promise<StoredEvent[]>;
  /** Everything in it that must never be, in words. */
  faults(): Promise<string[]>;
  /** By the store's clock. */
  now(): Promise<Date>;
  /** Everything that is stored is that much longer ago, and everything that is due is due that much sooner. */
  timePasses(ms: number): Promise<void>;
}

export interface StoredDelivery {
  id: string;
  eventId: string;
  laneId: string;
  seq: number;
  destinationId: string;
  endpointId: string | null;
  replayJob: string | null;
  state: DeliveryState;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
  /** Whether its bytes are gone. */
  scrubbed: boolean;
}

export interface StoredAttempt {
  deliveryId: string;
  number: number;
  status: number | null;
  error: string | null;
  requestBody: string | null;
  responseHeaders: Record<string, string> | null;
  responseBody: string | null;
  /** Whether another one follows by the schedule. */
  followed: boolean;
}

export interface StoredLane {
  id: string;
  destinationId: string;
  key: string;
  feature: string;
  replayJob: string | null;
  head: number;
  tail: number;
  attempts: number;
  gap: number;
  blocked: boolean;
  leased: boolean;
  /** Below zero when it is due. */
  dueInMs: number;
}

export interface StoredDestination {
  id: string;
  endpointId: string | null;
  host: string | null;
  callbackUrl: string | null;
  enabled: boolean;
  deleted: boolean;
  suspension: SuspensionReason | null;
  failures: number;
  failing: boolean;
  delivered: boolean;
  trips: number;
  /** Zero where the gate is open. */
  gateMs: number;
  inFlightLimit: number;
}

export interface StoredEvent {
  id: string;
  matched: number;
  partition: number;
  offset: bigint;
  subject: string | null;
  correlationId: string | null;
  callbackUrl: string | null;
  misplaced: boolean;
  erased: boolean;
}

/** A store, and what is needed to test it. */
export interface LaneStoreUnderTest {
  store: LaneStore;
  inspect: LaneInspection;
  /** Forgets everything. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
