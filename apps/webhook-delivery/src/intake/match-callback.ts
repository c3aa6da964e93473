import type { Sealer } from '@casewire/auth';
import type { DialectName, Organization } from '@casewire/contracts';
import { dialects, sourceDialectOf } from '@casewire/webhooks';

import { callbackDestination } from '../model/callback-destination.ts';
import type { IncomingEvent } from '../model/incoming-event.ts';
import type { CallbackDestination } from '../model/lane-store.ts';

/** The seal context of the callback URL that is stored with an event. */
export const eventCallbackSealContext = (eventId: string): string => `event-callback:${eventId}`;

/** The dialect of the organization's callback URL, which is configured with it; null if it has no name for the event. */
const organizationDialect = (
  event: IncomingEvent,
  callback: NonNullable<Organization['callback']>,
): DialectName | null => (hasName(callback.dialect, event) ? callback.dialect : null);

/**
 * The dialect of the URL in an event: the event's dialect, else the organization's, else that of the system which publishes
 * the type, else casewire. If the dialect of the event or of the organization has no name for the event, nothing is sent
 * (null), with one exception: a vendor's own event that the organization's dialect does not have is sent in the vendor's
 * dialect.
 */
function eventDialect(
  event: IncomingEvent,
  callback: Organization['callback'],
): DialectName | null {
  const source = sourceDialectOf(event.eventType);
  const chosen = event.callbackDialect ?? callback?.dialect;
  if (chosen === undefined) return source ?? 'casewire';
  if (hasName(chosen, event)) return chosen;
  return event.callbackDialect === null && source !== undefined ? source : null;
}

const hasName = (dialect: DialectName, event: IncomingEvent): boolean =>
  dialects[dialect].nameOf(event) !== null;

/**
 * The callback URL that gets an event, if its type has callbacks: the event's own, exactly as given, or else the
 * organization's (TI-10). Null if there is none, or if its dialect has no name for the event.
 */
export function matchCallback(
  event: IncomingEvent,
  { callback, audiences }: Pick<Organization, 'callback' | 'audiences'>,
  sealer: Pick<Sealer, 'seal'>,
): CallbackDestination | null {
  const { eventType, callbackUrl, organizationId, environment } = event;
  if (eventType.callback === 'none' || !audiences.includes(eventType.audience)) return null;
  const url = callbackUrl ?? callback?.url;
  if (url === undefined) return null;
  const dialect =
    callbackUrl === null && callback
      ? organizationDialect(event, callback)
      : eventDialect(event, callback);
  if (dialect === null) return null;
  return callbackDestination(sealer, { organizationId, environment, dialect, url });
}
