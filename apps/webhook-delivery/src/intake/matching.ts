import type { DialectName, Endpoint, EndpointPingData, Organization } from '@casewire/contracts';
import { dialects } from '@casewire/webhooks';

import type { IncomingEvent } from '../model/incoming-event.ts';
import { passes } from './filters.ts';

/** The one type that goes to the endpoint it names, whatever that subscribed to. */
const ping = 'endpoint.ping';
/** Always on (TI-4). */
const neverOff = 'case.completed';

/**
 * Whether the organization gets this event in this dialect: an operator may have turned off its type, or its name in the
 * dialect (TI-1).
 */
export function isOn(
  event: IncomingEvent,
  { eventsOff }: Pick<Organization, 'eventsOff'>,
  dialect: DialectName,
): boolean {
  if (event.type === neverOff || eventsOff.length === 0) return true;
  const name = dialects[dialect].nameOf(event);
  return !eventsOff.includes(event.type) && (name === null || !eventsOff.includes(name));
}

/**
 * The version that the endpoint wants the event at, or null: whether it subscribed to this event, may see it, has words
 * for it, and its filters let it pass. Being disabled does not matter. Filters look at the data as they were published.
 */
export function wantedVersion(endpoint: Endpoint, event: IncomingEvent): number | null {
  const isTheirs =
    endpoint.organizationId === event.organizationId && endpoint.environment === event.environment;
  if (!isTheirs) return null;
  const name = dialects[endpoint.dialect].nameOf(event);
  if (name === null) return null;
  if (event.type === ping)
    return (event.data as EndpointPingData).endpointId === endpoint.id ? event.version : null;
  if (endpoint.audience !== event.eventType.audience) return null;
  const subscription = endpoint.subscriptions.find(
    ({ eventType, names }) =>
      eventType === '*' || (eventType === event.type && (names === null || names.includes(name))),
  );
  if (!subscription || !passes(endpoint.filters, event.data)) return null;
  return subscription.version ?? event.version;
}
