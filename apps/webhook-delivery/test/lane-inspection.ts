import type { DeliveryState, SuspensionReason } from '@casewire/contracts';

import type { LaneStore } from '../src/model/lane-store.ts';

/** Reads the rows of any lane store, for tests. */
export interface LaneInspection {
  /** In the order of their creation. */
  deliveries(): Promise<StoredDelivery[]>;
  /** In the order of their creation. */
  attempts(): Promise<StoredAttempt[]>;
  /** In the order of their creation. */
  lanes(): Promise<StoredLane[]>;
  destinations(): Promise<StoredDestination[]>;
  /** In the order of partitions and offsets. */
  events(): Promise<StoredEvent[]>;
  /** A description of every forbidden state. */
  faults(): Promise<string[]>;
  /** By the store's clock. */
  now(): Promise<Date>;
  /** Moves all stored times into the past by this many milliseconds. */
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
  headers: Record<string, string>;
  /** Whether its body was removed. */
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
  /** Whether a retry follows. */
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
  /** Negative if it is due. */
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
  /** Milliseconds until the gate opens; zero if it is open. */
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

/** A store with its inspection, for the suite. */
export interface LaneStoreUnderTest {
  store: LaneStore;
  inspect: LaneInspection;
  /** Removes all rows. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
