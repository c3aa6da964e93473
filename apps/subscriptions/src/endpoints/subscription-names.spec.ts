import { expect, test } from 'vitest';

import { eventType as type } from '../testing/event-type.ts';
import { subscriptionsTo } from './subscription-names.ts';

const casewire = { name: 'casewire', vocabulary: null } as const;
/** A dialect with two names for one type, one name for two, and one for another. */
const other = {
  name: 'truenroll',
  vocabulary: new Map([
    ['document.good', ['document.assessed']],
    ['document.bad', ['document.assessed']],
    ['finished', ['case.completed', 'case.revised']],
  ]),
} as const;
const catalog = [
  type('case.completed', 1),
  type('case.completed', 3),
  type('case.completed', 2),
  type('case.revised', 1, { status: 'reserved' }),
  type('case.submitted', 1),
  type('document.assessed', 1),
  type('case.erased', 1, { audience: 'internal' }),
  type('case.old', 1, { status: 'retired' }),
];

test('TW-28 a new subscription is to the latest version', () => {
  expect(subscriptionsTo(['case.completed'], catalog, 'partner', casewire)).toEqual([
    { eventType: 'case.completed', version: 3, names: null },
  ]);
});

test('TG-11 * is everything, whatever comes to be', () => {
  expect(subscriptionsTo(['case.completed', '*'], catalog, 'partner', other)).toEqual([
    { eventType: '*', version: null, names: null },
  ]);
});

test('TG-12 what is reserved can be subscribed to', () => {
  expect(subscriptionsTo(['case.revised'], catalog, 'partner', casewire)).toMatchObject([
    { eventType: 'case.revised', version: 1 },
  ]);
});

test('part of TW-16: a dialect’s own names stand for the types that it makes them from', () => {
  expect(subscriptionsTo(['finished', 'document.bad'], catalog, 'partner', other)).toEqual([
    { eventType: 'case.completed', version: 3, names: ['finished'] },
    { eventType: 'case.revised', version: 1, names: ['finished'] },
    { eventType: 'document.assessed', version: 1, names: ['document.bad'] },
  ]);
  expect(subscriptionsTo(['document.bad', 'document.good'], catalog, 'partner', other)).toEqual([
    { eventType: 'document.assessed', version: 1, names: ['document.bad', 'document.good'] },
  ]);
  expect(subscriptionsTo(['document.bad', 'document.assessed'], catalog, 'partner', other)).toEqual(
    [{ eventType: 'document.assessed', version: 1, names: null }],
  );
});

test.each([
  ['for another audience', 'case.erased', casewire],
  ['that nobody knows', 'case.nothing', casewire],
  ['that is retired', 'case.old', casewire],
  ['that the dialect has no words for', 'case.submitted', other],
])('TE-5 a type %s cannot be subscribed to', (_, name, dialect) => {
  expect(() => subscriptionsTo([name, 'case.completed'], catalog, 'partner', dialect)).toThrow(
    expect.objectContaining({
      code: 'EVENT_TYPE_UNKNOWN',
      errors: [{ field: 'eventTypes', rule: expect.stringContaining(name) }],
    }),
  );
});
