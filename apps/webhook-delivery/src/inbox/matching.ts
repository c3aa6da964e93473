import type { Endpoint } from '@casewire/contracts';
import { dialects, encodeBody, fixedHeaders } from '@casewire/webhooks';

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

/** A delivery as it is pinned when its event is taken in: retries send the same bytes. */
export interface PinnedDelivery {
  eventId: string;
  endpoint: Endpoint;
  dialect: Endpoint['dialect'];
  headers: Record<string, string>;
  body: Buffer;
}

export function pin(endpoint: Endpoint, event: IncomingEvent): PinnedDelivery {
  const dialect = dialects[endpoint.dialect];
  return {
    eventId: event.id,
    endpoint,
    dialect: endpoint.dialect,
    headers: fixedHeaders(dialect, event),
    body: encodeBody(dialect, event, { endpointId: endpoint.id }),
  };
}
