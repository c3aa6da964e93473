import { expect, test } from 'vitest';

import { eventType as type } from '../../test/event-type.ts';
import { subscriptionsByName } from './subscription-names.ts';

const casewire = { name: 'casewire', eventNames: null } as const;
/** A dialect with two names for one type, and one name for two types. */
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

test('TW-28 a new subscription gets the latest version', () => {
  expect(subscriptionsByName(['case.completed'], catalog, 'partner', casewire)).toEqual([
    { eventType: 'case.completed', version: 3, names: null },
  ]);
});

test('TG-11 * subscribes to every event type, including future ones', () => {
  expect(subscriptionsByName(['case.completed', '*'], catalog, 'partner', other)).toEqual([
    { eventType: '*', version: null, names: null },
  ]);
});

test('TG-12 an endpoint can subscribe to a reserved type', () => {
  expect(subscriptionsByName(['case.revised'], catalog, 'partner', casewire)).toMatchObject([
    { eventType: 'case.revised', version: 1 },
  ]);
});

test('part of TW-16: a name of a dialect subscribes to its event types', () => {
  expect(subscriptionsByName(['finished', 'document.bad'], catalog, 'partner', other)).toEqual([
    { eventType: 'case.completed', version: 3, names: ['finished'] },
    { eventType: 'case.revised', version: 1, names: ['finished'] },
    { eventType: 'document.assessed', version: 1, names: ['document.bad'] },
  ]);
  expect(subscriptionsByName(['document.bad', 'document.good'], catalog, 'partner', other)).toEqual(
    [{ eventType: 'document.assessed', version: 1, names: ['document.bad', 'document.good'] }],
  );
  expect(
    subscriptionsByName(['document.bad', 'document.assessed'], catalog, 'partner', other),
  ).toEqual([{ eventType: 'document.assessed', version: 1, names: null }]);
});

test.each([
  ['for another audience', 'case.erased', casewire],
  ['that does not exist', 'case.nothing', casewire],
  ['that is retired', 'case.old', casewire],
  ['that the dialect has no name for', 'case.submitted', other],
])('TE-5 a type %s cannot be subscribed to', (_, name, dialect) => {
  expect(() => subscriptionsByName([name, 'case.completed'], catalog, 'partner', dialect)).toThrow(
    expect.objectContaining({
      code: 'EVENT_TYPE_UNKNOWN',
      errors: [{ field: 'eventTypes', rule: expect.stringContaining(name) }],
    }),
  );
});

const workflow = type('workflow.action', 1, { callback: 'instead' });

test.each(['workflow.action', 'action'])(
  'TG-23 a subscription to %s, which is sent to callback URLs only, is refused with the reason',
  (name) => {
    const dialect =
      name === 'action'
        ? ({ name: 'trustgate', eventNames: new Map([[name, ['workflow.action']]]) } as const)
        : casewire;
    expect(() => subscriptionsByName([name], [...catalog, workflow], 'partner', dialect)).toThrow(
      expect.objectContaining({
        status: 422,
        code: 'EVENT_TYPE_CALLBACK_ONLY',
        errors: [
          {
            field: 'eventTypes',
            rule: `${name} is sent to the callback URL of the event only, never to an endpoint`,
          },
        ],
      }),
    );
  },
);

test('a name of a dialect subscribes to its types without those that are sent to callback URLs only', () => {
  const dialect = {
    name: 'trustgate',
    eventNames: new Map([['finished', ['case.completed', 'workflow.action']]]),
  } as const;
  expect(subscriptionsByName(['finished'], [...catalog, workflow], 'partner', dialect)).toEqual([
    { eventType: 'case.completed', version: 3, names: ['finished'] },
  ]);
});

test('the error has a reason for each name', () => {
  expect(() =>
    subscriptionsByName(
      ['case.nothing', 'workflow.action'],
      [...catalog, workflow],
      'partner',
      casewire,
    ),
  ).toThrow(
    expect.objectContaining({
      code: 'EVENT_TYPE_UNKNOWN',
      errors: [
        { field: 'eventTypes', rule: expect.stringContaining('case.nothing is not an event type') },
        { field: 'eventTypes', rule: expect.stringContaining('workflow.action is sent to') },
      ],
    }),
  );
});
