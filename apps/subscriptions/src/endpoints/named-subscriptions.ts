import type { Subscription } from '@casewire/contracts';
import { notFound, Refusal } from '@casewire/service';
import type { Dialect } from '@casewire/webhooks';

type EventNames = Pick<Dialect, 'eventNames'>;

/**
 * The subscriptions that a name stands for: the one to the catalog's type of that name, or else those that include this
 * name of the dialect.
 */
function namedBy(
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
 * The one subscription that a name stands for.
 * @throws Refusal 404 where there is none, and 409 where the dialect makes one name of several types
 */
export function subscriptionNamed(
  name: string,
  subscriptions: readonly Subscription[],
  dialect: EventNames,
): Subscription {
  const [found, ...others] = namedBy(name, subscriptions, dialect);
  if (!found) throw notFound('subscription');
  if (others.length === 0) return found;
  const types = [found, ...others].map(({ eventType }) => eventType).join(', ');
  throw new Refusal(409, 'SUBSCRIPTION_AMBIGUOUS', `${name} stands for several types`, [
    { field: 'eventType', rule: `must be one of ${types}` },
  ]);
}

/**
 * What is left of the subscriptions without this name. The catalog's name ends the subscription to the type; a name of the
 * dialect ends that name, and the subscription where it was the last one.
 * @throws Refusal 404 where nothing was subscribed to by it
 */
export function withoutName(
  name: string,
  subscriptions: readonly Subscription[],
  dialect: EventNames,
): Subscription[] {
  const named = namedBy(name, subscriptions, dialect);
  if (named.length === 0) throw notFound('subscription');
  return subscriptions.flatMap((one) => {
    if (!named.includes(one)) return [one];
    if (one.eventType === name) return [];
    const names = (one.names ?? namesOf(one.eventType, dialect)).filter((other) => other !== name);
    return names.length === 0 ? [] : [{ ...one, names }];
  });
}

/** All names of a dialect for a type. */
const namesOf = (eventType: string, { eventNames }: EventNames): string[] =>
  [...(eventNames ?? [])].flatMap(([name, types]) => (types.includes(eventType) ? [name] : []));
