import type { DialectName, EventType } from '@casewire/contracts';

import { dialects } from './dialects.ts';

/** By type: the dialects of vendors that have a name of their own for it. */
const speakers = new Map<string, DialectName[]>();
for (const { name, vocabulary } of Object.values(dialects)) {
  const types = new Set([...(vocabulary?.values() ?? [])].flat());
  for (const type of types) speakers.set(type, [...(speakers.get(type) ?? []), name]);
}

/**
 * The dialect of the system that publishes a type: of a team's type, the dialect of the one vendor that has it in its
 * vocabulary, whoever owns it now. Undefined for Casewire's own types, and for those that no vendor knows.
 */
export function sourceDialectOf({
  name,
  owner,
}: Pick<EventType, 'name' | 'owner'>): DialectName | undefined {
  const known = owner === 'casewire' ? [] : (speakers.get(name) ?? []);
  return known.length === 1 ? known[0] : undefined;
}
