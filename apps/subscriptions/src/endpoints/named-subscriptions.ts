import type { Subscription } from '@casewire/contracts';
import { notFound, ApiError } from '@casewire/service';
import type { Dialect } from '@casewire/webhooks';

type EventNames = Pick<Dialect, 'eventNames'>;

/**
 * The subscriptions that a name denotes: the subscription to the catalog's event type of this name, otherwise those that
 * include this name of the dialect.
 */
function subscriptionsNamed(
  name: string,
  subscriptions: readonly Subscription[],
  { eventNames }: EventNames,
): Subscription[] {
  const exact = subscriptions.find(({ eventType }) => eventType === name);
  if (exact) return [exact];
  const types = eventNames?.get(name) ?? [];
  return subscriptions.filter(
    ({ eventType, names }) => types.includes(eventType) && (names === null || names.includes(name)),
  );
}

/**
 * The only subscription that a name denotes.
 * @throws ApiError 404 where there is none, and 409 where the dialect's name denotes several event types
 */
export function subscriptionNamed(
  name: string,
  subscriptions: readonly Subscription[],
  dialect: EventNames,
): Subscription {
  const [found, ...others] = subscriptionsNamed(name, subscriptions, dialect);
  if (!found) throw notFound('subscription');
  if (others.length === 0) return found;
  const types = [found, ...others].map(({ eventType }) => eventType).join(', ');
  throw new ApiError(409, 'SUBSCRIPTION_AMBIGUOUS', `${name} denotes several event types`, [
    { field: 'eventType', rule: `must be one of ${types}` },
  ]);
}

/**
 * The subscriptions after unsubscribing from a name. The catalog's name removes the subscription to the event type; a name
 * of the dialect is removed from its subscription, and with the last name the subscription itself.
 * @throws ApiError 404 where no subscription has the name
 */
export function withoutName(
  name: string,
  subscriptions: readonly Subscription[],
  dialect: EventNames,
): Subscription[] {
  const named = subscriptionsNamed(name, subscriptions, dialect);
  if (named.length === 0) throw notFound('subscription');
  return subscriptions.flatMap((one) => {
    if (!named.includes(one)) return [one];
    if (one.eventType === name) return [];
    const names = (one.names ?? namesOf(one.eventType, dialect)).filter((other) => other !== name);
    return names.length === 0 ? [] : [{ ...one, names }];
  });
}

/** All names of a dialect for an event type. */
const namesOf = (eventType: string, { eventNames }: EventNames): string[] =>
  [...(eventNames ?? [])].flatMap(([name, types]) => (types.includes(eventType) ? [name] : []));
