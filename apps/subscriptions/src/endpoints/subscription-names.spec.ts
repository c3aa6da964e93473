import { expect, test } from 'vitest';

import { eventType as type } from '../../test/event-type.ts';
import { subscriptionsTo } from './subscription-names.ts';

const casewire = { name: 'casewire', eventNames: null } as const;
/** A dialect with two names for one type, one name for two, and one for another. */
const other = {
  name: 'truenroll',
  eventNames: new Map([
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

const workflow = type('workflow.action', 1, { callback: 'instead' });

test.each(['workflow.action', 'action'])(
  'TG-23 %s goes to callback URLs only: it cannot be subscribed to, and the reason is given',
  (name) => {
    const dialect =
      name === 'action'
        ? ({ name: 'trustgate', eventNames: new Map([[name, ['workflow.action']]]) } as const)
        : casewire;
    expect(() => subscriptionsTo([name], [...catalog, workflow], 'partner', dialect)).toThrow(
      expect.objectContaining({
        status: 422,
        code: 'EVENT_TYPE_CALLBACK_ONLY',
        errors: [
          {
            field: 'eventTypes',
            rule: `${name} goes to the callback URL that comes with it, and never to an endpoint`,
          },
        ],
      }),
    );
  },
);

test('a name of a dialect that also stands for types that go to callback URLs means the others', () => {
  const dialect = {
    name: 'trustgate',
    eventNames: new Map([['finished', ['case.completed', 'workflow.action']]]),
  } as const;
  expect(subscriptionsTo(['finished'], [...catalog, workflow], 'partner', dialect)).toEqual([
    { eventType: 'case.completed', version: 3, names: ['finished'] },
  ]);
});

test('each name that cannot be subscribed to is told with its own reason', () => {
  expect(() =>
    subscriptionsTo(
      ['case.nothing', 'workflow.action'],
      [...catalog, workflow],
      'partner',
      casewire,
    ),
  ).toThrow(
    expect.objectContaining({
      code: 'EVENT_TYPE_UNKNOWN',
      errors: [
        { field: 'eventTypes', rule: expect.stringContaining('case.nothing is no event type') },
        { field: 'eventTypes', rule: expect.stringContaining('workflow.action goes to') },
      ],
    }),
  );
});
