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
 * the endpoint's audience and one that the dialect has words for.
 * @param catalog every event type that there is
 * @throws Refusal that names each event type that cannot be subscribed to
 */
export function subscriptionsTo(
  names: readonly string[],
  catalog: Iterable<EventType>,
  audience: Audience,
  dialect: Pick<Dialect, 'name' | 'vocabulary'>,
): Subscription[] {
  if (names.includes('*')) return [{ eventType: '*', version: null, names: null }];
  const latest = latestTypes(catalog, audience);
  const found = new Map<string, Subscription>();
  const unknown: string[] = [];
  for (const name of names) {
    const meant = typesMeantBy(name, dialect).filter((type) => latest.has(type));
    if (meant.length === 0) unknown.push(name);
    const own = dialect.vocabulary?.has(name) === true;
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
  if (unknown.length === 0) return [...found.values()];
  throw new Refusal(
    422,
    'EVENT_TYPE_UNKNOWN',
    'some event types cannot be subscribed to',
    unknown.map((name) => ({
      field: 'eventTypes',
      rule: `${name} is no event type of the dialect ${dialect.name} for the audience ${audience}`,
    })),
  );
}

function typesMeantBy(
  name: string,
  { vocabulary }: Pick<Dialect, 'vocabulary'>,
): readonly string[] {
  if (!vocabulary) return [name];
  const meant = vocabulary.get(name);
  if (meant) return meant;
  const spoken = [...vocabulary.values()].some((types) => types.includes(name));
  return spoken ? [name] : [];
}
