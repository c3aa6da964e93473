import type { Sealer } from '@casewire/auth';
import type { DialectName, Organization } from '@casewire/contracts';
import { dialects } from '@casewire/webhooks';

import { callbackDestination } from '../destinations/callback-destination.ts';
import type { CallbackDestination } from '../lanes/lane-store.ts';
import type { IncomingEvent } from './incoming-event.ts';

/** What the callback URL of a stored event is sealed under. */
export const eventCallbackOwner = (eventId: string): string => `event-callback:${eventId}`;

const defaultDialect: DialectName = 'casewire';

/**
 * The callback URL that an event goes to, if its type is one that calls back: its own, exactly as given, or else the
 * account's (TI-10), in the account's dialect. Null where there is none, or the dialect has no words for the event.
 */
export function callbackOf(
  event: IncomingEvent,
  { callback, audiences }: Pick<Organization, 'callback' | 'audiences'>,
  sealer: Pick<Sealer, 'seal'>,
): CallbackDestination | null {
  const { eventType, callbackUrl, organizationId, environment } = event;
  if (eventType.callback === 'none' || !audiences.includes(eventType.audience)) return null;
  const url = callbackUrl ?? callback?.url;
  const dialect = callback?.dialect ?? defaultDialect;
  if (url === undefined || dialects[dialect].nameOf(event) === null) return null;
  return callbackDestination(sealer, { organizationId, environment, dialect, url });
}
