import {
  maxEndpoints,
  type Audience,
  type EventType,
  type Subscription,
} from '@casewire/contracts';
import { Refusal } from '@casewire/service';

/** @throws Refusal when the organization has as many endpoints as it may have */
export function checkCount(count: number): void {
  if (count < maxEndpoints) return;
  throw new Refusal(
    409,
    'TOO_MANY_ENDPOINTS',
    `an organization has at most ${maxEndpoints} endpoints, sandbox and production together`,
  );
}

/**
 * What is subscribed to by these names: the latest version of each, which must be for the endpoint's audience.
 * @param catalog every event type that there is
 * @throws Refusal that names each event type that cannot be subscribed to
 */
export function subscriptionsTo(
  names: readonly string[],
  catalog: Iterable<EventType>,
  audience: Audience,
): Subscription[] {
  if (names.includes('*')) return [{ eventType: '*', version: null, names: null }];
  const latest = new Map<string, EventType>();
  for (const type of catalog) {
    const visible = type.audience === audience && type.status !== 'retired';
    if (visible && type.version > (latest.get(type.name)?.version ?? 0))
      latest.set(type.name, type);
  }
  const unknown = names.filter((name) => !latest.has(name));
  if (unknown.length > 0) {
    throw new Refusal(
      422,
      'EVENT_TYPE_UNKNOWN',
      'some event types cannot be subscribed to',
      unknown.map((name) => ({
        field: 'eventTypes',
        rule: `${name} is no event type for the audience ${audience}`,
      })),
    );
  }
  return names.map((eventType) => ({
    eventType,
    version: latest.get(eventType)!.version,
    names: null,
  }));
}
