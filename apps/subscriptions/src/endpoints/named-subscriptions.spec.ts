import { expect, test } from 'vitest';

import { subscriptionNamed, withoutName } from './named-subscriptions.ts';

/** A dialect with one name for two types. */
const dialect = { eventNames: new Map([['finished', ['case.completed', 'case.revised']]]) };
const to = (eventType: string, names: string[] | null = null) => ({ eventType, version: 1, names });
const both = [to('case.completed', ['finished']), to('case.revised')];

test('a name that denotes several subscriptions is ambiguous for an upgrade', () => {
  expect(() => subscriptionNamed('finished', both, dialect)).toThrow(
    expect.objectContaining({
      status: 409,
      code: 'SUBSCRIPTION_AMBIGUOUS',
      errors: [{ field: 'eventType', rule: 'must be one of case.completed, case.revised' }],
    }),
  );
  expect(subscriptionNamed('finished', both.slice(1), dialect)).toBe(both[1]);
});

test('a name of several types unsubscribes from all of them', () => {
  const other = to('case.submitted');
  expect(withoutName('finished', [...both, other], dialect)).toEqual([other]);
});

test('the name of a type denotes this type, also where the dialect uses the name for another type', () => {
  const crossed = { eventNames: new Map([['case.revised', ['case.completed']]]) };
  expect(withoutName('case.revised', both, crossed)).toEqual([both[0]]);
});

test('a subscription to * is removed only by *', () => {
  const all = [{ eventType: '*', version: null, names: null }];
  expect(withoutName('*', all, dialect)).toEqual([]);
  expect(() => withoutName('finished', all, dialect)).toThrow(
    expect.objectContaining({ status: 404 }),
  );
});
