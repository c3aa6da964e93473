import type { DialectName, Endpoint, EndpointPingData, Organization } from '@casewire/contracts';
import { dialects } from '@casewire/webhooks';

import type { IncomingEvent } from '../model/incoming-event.ts';
import { passesFilters } from './filters.ts';

/** The only type that is sent to the endpoint that its data names, whatever that endpoint subscribed to. */
const pingType = 'endpoint.ping';
/** A type that cannot be turned off (TI-4). */
const alwaysOn = 'case.completed';

/** Whether the organization gets this event in this dialect: an operator can turn off its type, or its name in the dialect (TI-1). */
export function isTurnedOn(
  event: IncomingEvent,
  { eventsOff }: Pick<Organization, 'eventsOff'>,
  dialect: DialectName,
): boolean {
  if (event.type === alwaysOn || eventsOff.length === 0) return true;
  const name = dialects[dialect].nameOf(event);
  return !eventsOff.includes(event.type) && (name === null || !eventsOff.includes(name));
}

/**
 * The version in which the endpoint gets the event; null if it does not get it, because it did not subscribe, may not see
 * it, its dialect has no name for it, or a filter excludes it. A disabled endpoint matches as well. Filters apply to the data
 * as published.
 */
export function subscribedVersion(endpoint: Endpoint, event: IncomingEvent): number | null {
  const isTheirs =
    endpoint.organizationId === event.organizationId && endpoint.environment === event.environment;
  if (!isTheirs) return null;
  const name = dialects[endpoint.dialect].nameOf(event);
  if (name === null) return null;
  if (event.type === pingType)
    return (event.data as EndpointPingData).endpointId === endpoint.id ? event.version : null;
  if (endpoint.audience !== event.eventType.audience) return null;
  const subscription = endpoint.subscriptions.find(
    ({ eventType, names }) =>
      eventType === '*' || (eventType === event.type && (names === null || names.includes(name))),
  );
  if (!subscription || !passesFilters(endpoint.filters, event.data)) return null;
  return subscription.version ?? event.version;
}
