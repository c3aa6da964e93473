import type { Endpoint } from '@casewire/contracts';
import { dialects, encodeBody, fixedHeaders } from '@casewire/webhooks';

import type { NewDelivery } from '../lanes/lane-store.ts';
import type { IncomingEvent } from './incoming-event.ts';

/** Whether the endpoint subscribed to this event, may see it, and has words for it. Being disabled does not matter. */
export function matches(endpoint: Endpoint, event: IncomingEvent): boolean {
  return (
    endpoint.organizationId === event.organizationId &&
    endpoint.environment === event.environment &&
    endpoint.audience === event.eventType.audience &&
    endpoint.subscriptions.some(
      ({ eventType, version }) =>
        eventType === '*' || (eventType === event.type && version === event.version),
    ) &&
    dialects[endpoint.dialect].nameOf(event) !== null
  );
}

/** The event's delivery to an endpoint, pinned when the event is taken in: retries send the same bytes. */
export function pin(endpoint: Endpoint, event: IncomingEvent): NewDelivery {
  const dialect = dialects[endpoint.dialect];
  return {
    destination: { endpoint },
    dialect: endpoint.dialect,
    version: event.version,
    headers: fixedHeaders(dialect, event),
    body: encodeBody(dialect, event, { endpointId: endpoint.id }),
    fault: null,
  };
}
