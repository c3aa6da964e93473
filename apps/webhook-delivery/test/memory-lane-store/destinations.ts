import type { SuspensionReason } from '@casewire/contracts';

import type { DeliveryDestination, Destination } from '../../src/model/lane-store.ts';
import { cancelDestination } from './cancel.ts';
import { never, type DestinationRow, type MemoryTables } from './memory-tables.ts';

const defaults = {
  endpointId: null,
  callback: null,
  enabled: true,
  disabledAt: null,
  revision: 0,
  deleted: false,
  suspendedAt: null,
  suspension: null,
  failures: 0,
  failingSince: null,
  deliveredAt: null,
  trips: 0,
  gateUntil: never,
  inFlightLimit: 64,
  maxInFlight: 64,
  ratePerSecond: null,
  tokens: 0,
};

const capacityOf = (ratePerSecond: number | null): number => Math.max(ratePerSecond ?? 1, 1);

function addEndpoint(tables: MemoryTables, destination: Destination): DestinationRow {
  const { endpointId, organizationId, enabled, revision } = destination;
  const { maxInFlight, ratePerSecond } = destination;
  return tables.addDestination({
    ...defaults,
    endpointId,
    organizationId,
    enabled,
    revision,
    maxInFlight,
    ratePerSecond,
    disabledAt: enabled ? null : tables.now,
    inFlightLimit: maxInFlight,
    tokens: capacityOf(ratePerSecond),
    tokensAt: tables.now,
  });
}

/** The destination of an event, registered if it is missing. An erased callback URL is stored again. */
export function register(
  tables: MemoryTables,
  destination: DeliveryDestination,
  organizationId: string,
): DestinationRow {
  if ('endpoint' in destination) {
    const { endpoint } = destination;
    return (
      tables.endpoint(endpoint.id) ?? addEndpoint(tables, { ...endpoint, endpointId: endpoint.id })
    );
  }
  const { callback } = destination;
  const known = [...tables.destinations.values()].find((one) =>
    one.callback?.hash.equals(callback.hash),
  );
  if (known) known.callback!.sealedUrl ??= callback.sealedUrl;
  return (
    known ??
    tables.addDestination({
      ...defaults,
      callback: { ...callback },
      organizationId,
      tokensAt: tables.now,
    })
  );
}

/** A revision that is not newer than the stored one changes nothing; a newer one that enables lifts a suspension. */
export function setDestination(tables: MemoryTables, destination: Destination): void {
  const known = tables.endpoint(destination.endpointId);
  if (!known) {
    addEndpoint(tables, destination);
    return;
  }
  const { enabled, revision, maxInFlight, ratePerSecond } = destination;
  if (known.revision >= revision) return;
  const lifts = enabled && known.suspendedAt !== null;
  const bucket = capacityOf(ratePerSecond);
  known.tokens = known.ratePerSecond === null ? bucket : Math.min(known.tokens, bucket);
  known.inFlightLimit =
    lifts || known.inFlightLimit >= known.maxInFlight
      ? maxInFlight
      : Math.min(known.inFlightLimit, maxInFlight);
  known.disabledAt = enabled ? null : (known.disabledAt ?? tables.now);
  Object.assign(known, { enabled, revision, maxInFlight, ratePerSecond });
  if (lifts) lift(known);
}

function lift(destination: DestinationRow): void {
  destination.suspendedAt = null;
  destination.suspension = null;
  destination.failures = 0;
  destination.failingSince = null;
  destination.trips = 0;
  destination.gateUntil = never;
}

export function suspend(
  tables: MemoryTables,
  endpointId: string,
  reason: SuspensionReason,
): boolean {
  const known = tables.endpoint(endpointId);
  if (!known || known.deleted || known.suspendedAt !== null) return false;
  known.suspendedAt = tables.now;
  known.suspension = reason;
  return true;
}

export function resume(tables: MemoryTables, endpointId: string): boolean {
  const known = tables.endpoint(endpointId);
  if (!known || known.deleted || known.suspendedAt === null) return false;
  lift(known);
  known.inFlightLimit = known.maxInFlight;
  return true;
}

/** An unregistered endpoint leaves a tombstone: a batch that was matched before the deletion may still be ingested. */
export function deleteDestination(tables: MemoryTables, endpointId: string): void {
  const known =
    tables.endpoint(endpointId) ??
    tables.addDestination({
      ...defaults,
      endpointId,
      organizationId: '',
      enabled: false,
      tokensAt: tables.now,
    });
  known.deleted = true;
  cancelDestination(tables, known);
}
