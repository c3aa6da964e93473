import type { Audience, EventType, Subscription } from '@casewire/contracts';
import { Refusal } from '@casewire/service';
import type { Dialect } from '@casewire/webhooks';

/** The latest version of each type that this audience may subscribe to; reserved ones are among them. */
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
 * What is subscribed to by these names, the dialect's or the catalog's: the latest version of each type, which must be for
 * the endpoint's audience, one that the dialect has words for, and one that goes to endpoints at all (TG-23).
 * @param catalog every event type that there is
 * @throws Refusal that names each event type that cannot be subscribed to
 */
export function subscriptionsTo(
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
    const visible = typesMeantBy(name, dialect).filter((type) => latest.has(type));
    const meant = visible.filter((type) => latest.get(type)!.callback !== 'instead');
    if (visible.length === 0) unknown.push(noSuchType(name, dialect, audience));
    else if (meant.length === 0) callbackOnly.push(goesToCallbacksOnly(name));
    const own = dialect.eventNames?.has(name) === true;
    for (const eventType of meant) {
      const before = found.get(eventType);
      // Who names the catalog's type wants all that the dialect makes of it.
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
  throw new Refusal(422, code, 'some event types cannot be subscribed to', faults);
}

interface Fault {
  field: string;
  rule: string;
}

const noSuchType = (name: string, dialect: Pick<Dialect, 'name'>, audience: Audience): Fault => ({
  field: 'eventTypes',
  rule: `${name} is no event type of the dialect ${dialect.name} for the audience ${audience}`,
});

/** Events of such a type are sent to no endpoint, so that a subscription would stay silent. */
const goesToCallbacksOnly = (name: string): Fault => ({
  field: 'eventTypes',
  rule: `${name} goes to the callback URL that comes with it, and never to an endpoint`,
});

function typesMeantBy(
  name: string,
  { eventNames }: Pick<Dialect, 'eventNames'>,
): readonly string[] {
  if (!eventNames) return [name];
  const meant = eventNames.get(name);
  if (meant) return meant;
  const spoken = [...eventNames.values()].some((types) => types.includes(name));
  return spoken ? [name] : [];
}
