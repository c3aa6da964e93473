import type { Audience, EventType, Subscription } from '@casewire/contracts';
import { ApiError } from '@casewire/service';
import type { Dialect } from '@casewire/webhooks';

/** The latest version of each event type to which this audience may subscribe, reserved types included. */
export function latestTypes(
  catalog: Iterable<EventType>,
  audience: Audience,
): Map<string, EventType> {
  const latest = new Map<string, EventType>();
  for (const type of catalog) {
    const visible = type.audience === audience && type.status !== 'retired';
    if (visible && type.version > (latest.get(type.name)?.version ?? 0))
      latest.set(type.name, type);
  }
  return latest;
}

/**
 * The subscriptions for these names, which are the dialect's or the catalog's: the latest version of each event type. The
 * type must be for the endpoint's audience, the dialect must have a name for it, and it must be delivered to endpoints
 * (TG-23).
 * @param catalog every event type
 * @throws ApiError 422 with each name to which the endpoint cannot subscribe
 */
export function subscriptionsByName(
  names: readonly string[],
  catalog: Iterable<EventType>,
  audience: Audience,
  dialect: Pick<Dialect, 'name' | 'eventNames'>,
): Subscription[] {
  if (names.includes('*')) return [{ eventType: '*', version: null, names: null }];
  const latest = latestTypes(catalog, audience);
  const found = new Map<string, Subscription>();
  const unknown: Fault[] = [];
  const callbackOnly: Fault[] = [];
  for (const name of names) {
    const visible = typesNamed(name, dialect).filter((type) => latest.has(type));
    const types = visible.filter((type) => latest.get(type)!.callback !== 'instead');
    if (visible.length === 0) unknown.push(unknownType(name, dialect, audience));
    else if (types.length === 0) callbackOnly.push(callbackOnlyType(name));
    const own = dialect.eventNames?.has(name) === true;
    for (const eventType of types) {
      const before = found.get(eventType);
      // The catalog's name subscribes to all names that the dialect has for the type.
      const all = !own || before?.names === null;
      found.set(eventType, {
        eventType,
        version: latest.get(eventType)!.version,
        names: all ? null : [...(before?.names ?? []), name],
      });
    }
  }
  const faults = [...unknown, ...callbackOnly];
  if (faults.length === 0) return [...found.values()];
  const code = unknown.length > 0 ? 'EVENT_TYPE_UNKNOWN' : 'EVENT_TYPE_CALLBACK_ONLY';
  throw new ApiError(422, code, 'the endpoint cannot subscribe to some of the event types', faults);
}

interface Fault {
  field: string;
  rule: string;
}

const unknownType = (name: string, dialect: Pick<Dialect, 'name'>, audience: Audience): Fault => ({
  field: 'eventTypes',
  rule: `${name} is not an event type of the dialect ${dialect.name} for the audience ${audience}`,
});

/** Events of such a type are never sent to an endpoint: the endpoint would get nothing from a subscription. */
const callbackOnlyType = (name: string): Fault => ({
  field: 'eventTypes',
  rule: `${name} is sent to the callback URL of the event only, never to an endpoint`,
});

function typesNamed(name: string, { eventNames }: Pick<Dialect, 'eventNames'>): readonly string[] {
  if (!eventNames) return [name];
  const types = eventNames.get(name);
  if (types) return types;
  const hasName = [...eventNames.values()].some((named) => named.includes(name));
  return hasName ? [name] : [];
}
