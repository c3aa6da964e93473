import type { EventType } from '@casewire/contracts';

/** A published event type with default values. */
export const eventType = (
  name: string,
  version: number,
  overrides: Partial<EventType> = {},
): EventType => ({
  name,
  version,
  audience: 'partner',
  category: 'Case',
  trigger: 't',
  owner: 'casewire',
  sourceTopic: 'events.casewire',
  ordering: 'key+feature',
  status: 'active',
  callback: 'none',
  addressees: null,
  downConversion: null,
  schema: {},
  sample: null,
  revision: 1,
  deletedAt: null,
  ...overrides,
});
