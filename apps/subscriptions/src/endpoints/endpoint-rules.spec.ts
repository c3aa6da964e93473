import type { EventType } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { checkCount, subscriptionsTo } from './endpoint-rules.ts';

const type = (name: string, version: number, overrides: Partial<EventType> = {}): EventType => ({
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

test('TW-19 the eleventh endpoint is refused', () => {
  expect(() => checkCount(9)).not.toThrow();
  expect(() => checkCount(10)).toThrow(expect.objectContaining({ code: 'TOO_MANY_ENDPOINTS' }));
});

test('TW-28 a new subscription is to the latest version', () => {
  const catalog = [type('case.completed', 1), type('case.completed', 3), type('case.completed', 2)];
  expect(subscriptionsTo(['case.completed'], catalog, 'partner')).toEqual([
    { eventType: 'case.completed', version: 3, names: null },
  ]);
});

test('TE-5 what is for another audience cannot be subscribed to, nor what nobody knows', () => {
  const catalog = [type('case.erased', 1, { audience: 'internal' })];
  expect(() => subscriptionsTo(['case.erased', 'case.nothing'], catalog, 'partner')).toThrow(
    expect.objectContaining({
      code: 'EVENT_TYPE_UNKNOWN',
      errors: [expect.anything(), expect.anything()],
    }),
  );
});
