import type { DialectName, EventType } from '@casewire/contracts';

import { dialects } from './dialects.ts';

/** By event type: the dialects that have their own name for it. */
const dialectsByType = new Map<string, DialectName[]>();
for (const { name, eventNames } of Object.values(dialects)) {
  const types = new Set([...(eventNames?.values() ?? [])].flat());
  for (const type of types) dialectsByType.set(type, [...(dialectsByType.get(type) ?? []), name]);
}

/**
 * The dialect of the system from which an event type originates, whichever team owns the type now.
 * @returns the only dialect that has its own name for the type; undefined for Casewire's own types, and for types that no
 *   dialect, or more than one, has a name for
 */
export function sourceDialectOf({
  name,
  owner,
}: Pick<EventType, 'name' | 'owner'>): DialectName | undefined {
  const candidates = owner === 'casewire' ? [] : (dialectsByType.get(name) ?? []);
  return candidates.length === 1 ? candidates[0] : undefined;
}
