import type { Sealer } from '@casewire/auth';
import type { DialectName, Organization } from '@casewire/contracts';
import { dialects, sourceDialectOf } from '@casewire/webhooks';

import { callbackDestination } from '../model/callback-destination.ts';
import type { IncomingEvent } from '../model/incoming-event.ts';
import type { CallbackDestination } from '../model/lane-store.ts';

/** What the callback URL of a stored event is sealed under. */
export const eventCallbackOwner = (eventId: string): string => `event-callback:${eventId}`;

/** The dialect of an account's callback URL is set with it; there is none where the dialect has no words for the event. */
const dialectOfAccount = (
  event: IncomingEvent,
  callback: NonNullable<Organization['callback']>,
): DialectName | null => (hasWords(callback.dialect, event) ? callback.dialect : null);

/**
 * The dialect of the URL that came with an event: the message's, else the account's, else that of the system which
 * publishes the type, else casewire. What the message or the account says holds where that dialect has no words for the
 * event, too, and nothing is sent then; but a vendor's own event, which the account's dialect does not know, is sent as the
 * vendor sends it.
 */
function dialectOfMessage(
  event: IncomingEvent,
  callback: Organization['callback'],
): DialectName | null {
  const source = sourceDialectOf(event.eventType);
  const said = event.callbackDialect ?? callback?.dialect;
  if (said === undefined) return source ?? 'casewire';
  if (hasWords(said, event)) return said;
  return event.callbackDialect === null && source !== undefined ? source : null;
}

const hasWords = (dialect: DialectName, event: IncomingEvent): boolean =>
  dialects[dialect].nameOf(event) !== null;

/**
 * The callback URL that an event goes to, if its type is one that calls back: its own, exactly as given, or else the
 * account's (TI-10). Null where there is none, or its dialect has no words for the event.
 */
export function callbackOf(
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
      ? dialectOfAccount(event, callback)
      : dialectOfMessage(event, callback);
  if (dialect === null) return null;
  return callbackDestination(sealer, { organizationId, environment, dialect, url });
}
